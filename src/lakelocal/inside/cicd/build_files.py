"""What goes into a build and what comes out of it: zips in S3, files chosen by patterns."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from lakelocal.inside.cicd.buildspec import Artifacts

PACKED = {".zip", ".whl", ".jar", ".gz", ".parquet"}


def unpack(content: bytes, folder: Path) -> None:
    """A zip's files, executable where they were."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            if mode and not entry.is_dir() and not stat.S_ISLNK(mode):
                (folder / entry.filename).chmod(0o644 | (mode & 0o111))


def pack(folder: Path, names: list[str], flat: bool = False) -> bytes:
    """These files as a zip; what is packed already is only stored."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            kind = zipfile.ZIP_STORED if PurePosixPath(name).suffix in PACKED else None
            archive.write(folder / name, PurePosixPath(name).name if flat else name, compress_type=kind)
    return buffer.getvalue()


def chosen(folder: Path, wanted: Artifacts) -> list[str]:
    """The files below the base directory that the patterns take, sorted; links to folders are not followed."""
    base = folder / wanted.base
    taken = [name for name in _files(base) if any(_matches(name, pattern) for pattern in wanted.files)]
    return sorted(name for name in taken if not any(_matches(name, pattern) for pattern in wanted.exclude))


def _files(base: Path) -> list[str]:
    found: list[str] = []
    for place, folders, names in os.walk(base):
        folders[:] = [name for name in folders if name != ".git" and not Path(place, name).is_symlink()]
        found += [Path(place, name).relative_to(base).as_posix() for name in names if Path(place, name).is_file()]
    return found


def _matches(name: str, pattern: str) -> bool:
    """`**/*` is everything; `folder/**/*` everything below a folder; else as a shell matches."""
    if pattern == "**/*":
        return True
    if pattern.endswith("/**/*"):
        return name.startswith(pattern.removesuffix("**/*"))
    if "/" not in pattern:
        return "/" not in name and fnmatch(name, pattern)
    return fnmatch(name, pattern)
