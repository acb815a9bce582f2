"""Whatever the bytes of an object are, plain UTF-8 text of it on local disk."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from lake.core.errors import Rejected
from lake.light.dialect import Dialect

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
SMALL = 64 * CHUNK
"""Text up to this size is never called a bomb."""
MOST = 8 * 1024 * CHUNK
"""More text than this does not fit a function's disk, however it is packed."""
FOREIGN = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"%PDF": "PDF",
}
BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def plain_text(path: Path, dialect: Dialect, scratch: Path) -> Path:
    """The object's own file if it is plain UTF-8 already, else a copy of its text in `scratch`.

    What a file is packed with is read off its first bytes, never off its name. Raises Rejected: CORRUPT, RATIO,
    ENCODING, TOO_LARGE.
    """
    with path.open("rb") as file:
        first = file.read(8)
    if first.startswith(GZIP):
        path = _written(scratch / "unpacked", _unpacked(path, dialect))
        with path.open("rb") as file:
            first = file.read(8)
    for magic, name in FOREIGN.items():
        if first.startswith(magic) and (len(first) > len(magic) or magic != b"ORC"):
            raise Rejected("CORRUPT", f"the object is {name}, not delimited text; declare its format or drop text")
    if dialect.codec not in ("utf-8", "utf-8-sig", "ascii"):
        return _written(scratch / "decoded", _decoded(path, dialect.codec))
    for mark, name in BOMS.items():
        if first.startswith(mark):
            raise Rejected(
                "ENCODING", f"the text at byte 0 is {name}, not UTF-8; declare `options: {{encoding: {name}}}`"
            )
    return path


def _written(path: Path, chunks: Iterator[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    return path


def _unpacked(path: Path, dialect: Dialect) -> Iterator[bytes]:
    """All members of a gzip file, one after the other."""
    size, packed = 0, path.stat().st_size
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > SMALL and size > packed * dialect.max_ratio:
                    raise Rejected(
                        "RATIO", f"{packed} bytes unpack to more than {dialect.max_ratio} times as much; a bomb?"
                    )
                if size > MOST:
                    raise Rejected("TOO_LARGE", f"the text unpacks to more than {MOST} bytes; split the object")
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Rejected("CORRUPT", f"gzip is broken after {size} bytes of text: {error}") from error


def _decoded(path: Path, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    offset = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - held + error.start
                raise Rejected("ENCODING", f"byte {at} of the text is not {codec}: {error.reason}") from error
            offset += len(chunk)
            yield text.removeprefix("\ufeff").encode() if offset == len(chunk) else text.encode()
            if not chunk:
                return
