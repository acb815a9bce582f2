"""Installed packages as wheels again, in the one archive that a Glue job installs them from, without an index.

Formats: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ and "zip of wheels" in
https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
INSTALLERS = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
"""What an installer adds to a package's own files."""


def archive(folder: Path) -> bytes:
    """Every package of an installed folder, and the requirements that name them; the same bytes each time."""
    packages = sorted(folder.glob("*.dist-info"))
    named = [package.name.removesuffix(".dist-info").replace("-", "==", 1) for package in packages]
    entries = {f"wheels/{_file_name(package)}": _wheel(folder, package) for package in packages}
    return _zipped({"wheels/requirements.txt": "".join(f"{one}\n" for one in named).encode(), **entries}, packed=True)


def _file_name(package: Path) -> str:
    """Name, version and tag; a wheel of several tags joins those parts in which they differ."""
    tags = [line.removeprefix("Tag: ") for line in _lines(package / "WHEEL") if line.startswith("Tag: ")]
    parts = (sorted(set(part)) for part in zip(*(tag.split("-") for tag in tags), strict=True))
    return f"{package.name.removesuffix('.dist-info')}-{'-'.join('.'.join(part) for part in parts)}.whl"


def _wheel(folder: Path, package: Path) -> bytes:
    record = f"{package.name}/RECORD"
    rows = [row for row in csv.reader(_lines(package / "RECORD")) if row and _belongs(row[0]) and row[0] != record]
    files = {row[0]: (folder / row[0]).read_bytes() for row in rows}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*rows, [record, "", ""]])
    return _zipped({**files, record: text.getvalue().encode()}, packed=False)


def _belongs(name: str) -> bool:
    path = Path(name)
    return path.name not in INSTALLERS and "__pycache__" not in path.parts and not name.startswith("bin/")


def _lines(path: Path) -> Iterator[str]:
    yield from path.read_text().splitlines()


def _zipped(files: dict[str, bytes], packed: bool) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compresslevel=1) as made:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, body)
    return content.getvalue()
