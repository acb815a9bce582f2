"""What an object is packed in, read off its first bytes and never off its name: gzip, bzip2, xz, zstd, or a zip."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.core.errors import Rejected

CHUNK = 1 << 20
SMALL = 64 * CHUNK
"""Text up to this size is never called a bomb."""
MOST = 8 * 1024 * CHUNK
"""More text than this does not fit a function's disk, however it is packed."""
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOK = "[Content_Types].xml"
"""The member that makes a zip a workbook: ECMA-376, part 2."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
DEBRIS = ("__MACOSX/", ".DS_Store")
"""What macOS puts beside the files that one packs."""

BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


def _zstd(path: Path) -> Any:
    from backports import zstd

    return zstd.open(path)


OPENERS: dict[bytes, tuple[str, Callable[[Path], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
    b"\x28\xb5\x2f\xfd": ("zstd", _zstd),
}


@dataclass(slots=True)
class _Scale:
    """Weighs what comes out of a pack against what went in."""

    packed: int
    most_ratio: int
    size: int = 0

    def add(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        if self.size > SMALL and self.size > self.packed * self.most_ratio:
            raise Rejected("RATIO", f"{self.packed} bytes unpack to more than {self.most_ratio} times as much; a bomb?")
        if self.size > MOST:
            raise Rejected("TOO_LARGE", f"the object unpacks to more than {MOST} bytes; split it")
        return chunk


def unpacked(path: Path, folder: Path, max_ratio: int, format_: str = "") -> Iterator[Path]:
    """The files in an object: itself if it is not packed, else copies in `folder`, in the order of the pack.

    A zip's members are its files. A workbook is a zip too, and stays one where `format_` is excel; a binary object is
    never unpacked. Raises Rejected: CORRUPT, RATIO, TOO_LARGE, also after some files.
    """
    with path.open("rb") as file:
        first = file.read(8)
    scale = _Scale(path.stat().st_size, max_ratio)
    if format_ == "binary":
        yield path
    elif first.startswith(ZIP):
        yield from _members(path, folder, scale, format_)
    else:
        yield _single(path, first, folder, scale)


def _single(path: Path, first: bytes, folder: Path, scale: _Scale) -> Path:
    for magic, (name, opened) in OPENERS.items():
        if first.startswith(magic):
            with _said(name, scale), opened(path) as file:
                return _copied(file, folder / "unpacked", scale)
    return path


def _members(path: Path, folder: Path, scale: _Scale, format_: str) -> Iterator[Path]:
    with _said("the zip archive", scale):
        archive = zipfile.ZipFile(path)
    with archive:
        members = [one for one in archive.infolist() if not one.is_dir() and not _is_debris(one.filename)]
        if any(one.filename == WORKBOOK for one in members):
            if format_ != "excel":
                raise Rejected("CORRUPT", "the object is an Office document; declare `format: excel` or drop its data")
            yield path
            return
        for number, member in enumerate(members):
            if member.flag_bits & 1:
                raise Rejected("CORRUPT", f"the member {member.filename[:80]!r} of the zip archive is encrypted")
            if member.compress_type not in METHODS:
                said = f"is packed by method {member.compress_type}; pack it by deflate, bzip2 or LZMA"
                raise Rejected("CORRUPT", f"the member {member.filename[:80]!r} of the zip archive {said}")
            with _said(f"the member {member.filename[:80]!r} of the zip archive", scale), archive.open(member) as file:
                copied = _copied(file, folder / f"member-{number:05}", scale)
            yield copied


def _is_debris(name: str) -> bool:
    return name.startswith(DEBRIS[0]) or name.rpartition("/")[2] == DEBRIS[1]


def _copied(file: Any, to: Path, scale: _Scale) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as out:
        while chunk := file.read(CHUNK):
            out.write(scale.add(chunk))
    return to


@contextmanager
def _said(what: str, scale: _Scale) -> Iterator[None]:
    """Turns what the libraries raise for a broken pack into Rejected(CORRUPT)."""
    try:
        yield
    except Rejected:
        raise
    except NotImplementedError as error:
        raise Rejected("CORRUPT", f"{what} is packed in a way that is not read: {error}; pack it by deflate") from error
    except Exception as error:
        if not isinstance(error, BROKEN) and type(error).__name__ != "ZstdError":
            raise
        raise Rejected("CORRUPT", f"{what} is broken after {scale.size} bytes of text; is it whole? {error}") from error
