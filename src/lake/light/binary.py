"""Objects of any kind: each is one row of what its bytes say of it, and is not read otherwise."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from lake.core.errors import Rejected
from lake.light.row import Document, Row

CHUNK = 1 << 20
HEAD = 1 << 16
"""Bytes at the beginning that are looked at; a JPEG's size may stand behind a preview image."""
KINDS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"Obj\x01", "application/avro"),
    (b"ORC", "application/orc"),
    (b"OggS", "application/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
OTHERS = ("image/heic", "image/avif", "video/mp4", "text/plain", "application/octet-stream")
CONTENT_TYPES = frozenset([*(kind for _, kind in KINDS), *RIFF.values(), *OTHERS])
"""All that `content_type` can answer."""
WITH_SIZE = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
PAGES = re.compile(rb"/Type\s*/Pages\b[^>]{0,400}?/Count\s+(\d{1,7})|/Count\s+(\d{1,7})[^>]{0,400}?/Type\s*/Pages\b")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset of binary objects may declare as its columns. Sizes in pixels; null where nothing is said."""

    key: str
    size: int
    content_type: str
    sha256: str
    image_width: int | None
    image_height: int | None
    pdf_version: str | None
    pdf_pages: int | None


def read(document: Document) -> Iterator[Row]:
    """The one row of the object. Raises Rejected for another kind than declared, or for a header that breaks off."""
    facts = facts_of(document.path, document.source.key)
    allowed = document.options.get("content_types", ())
    if allowed and facts.content_type not in allowed:
        raise Rejected("SCHEMA", f"its bytes are {facts.content_type}; declared: {', '.join(allowed)}")
    cells = {one.name: getattr(facts, one.name) for one in fields(Facts)}
    found = [cells[column.place] for column in document.schema]
    yield Row(0, [None if cell is None else str(cell) for cell in found])


def facts_of(path: Path, key: str) -> Facts:
    digest = hashlib.sha256()
    head, pages, before = b"", 0, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            head = head or chunk[:HEAD]
            digest.update(chunk)
            if head.startswith(b"%PDF-"):
                counts = [int(one or two) for one, two in PAGES.findall(before + chunk)]
                pages, before = max([pages, *counts]), chunk[-1000:]
    kind = content_type(head)
    width, height = _measured(head, kind) if kind in WITH_SIZE else (None, None)
    version = re.match(rb"%PDF-(\d\.\d)", head)
    if kind == "application/pdf" and version is None:
        raise Rejected("CORRUPT", "it begins like a PDF, but names no version")
    said = version[1].decode() if version else None
    return Facts(key, path.stat().st_size, kind, digest.hexdigest(), width, height, said, pages or None)


def content_type(head: bytes) -> str:
    """By the first bytes, never by the name; text that is UTF-8 is text/plain."""
    for magic, kind in KINDS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return RIFF.get(head[8:12], "application/octet-stream")
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:11] == b"hei" else "image/avif" if head[8:12] == b"avif" else "video/mp4"
    try:
        text = head.decode() if len(head) < HEAD else head[:-4].decode("utf-8", "strict")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\0" in text or not text else "text/plain"


def _measured(head: bytes, kind: str) -> tuple[int, int]:
    """Width and height by the image's own header. Raises Rejected if it breaks off."""
    try:
        return MEASURES[kind](head)
    except (struct.error, IndexError, ValueError) as error:
        raise Rejected("CORRUPT", f"it begins like {kind}, but its header is not whole: {error}") from error


def _png(head: bytes) -> tuple[int, int]:
    if head[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _gif(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", head[6:10])
    return width, height


def _bmp(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<ii", head[18:26])
    return width, abs(height)


def _webp(head: bytes) -> tuple[int, int]:
    form, data = head[12:16], head[20:30]
    if form == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form != b"VP8 ":
        raise ValueError("no VP8 chunk")
    width, height = struct.unpack("<HH", data[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(head: bytes) -> tuple[int, int]:
    """The frame header is the segment SOF, whichever of its kinds."""
    at = 2
    while True:
        mark, length = struct.unpack(">HH", head[at : at + 4])
        if 0xFFC0 <= mark <= 0xFFCF and mark not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        if mark < 0xFF01 or length < 2:
            raise ValueError("no frame header")
        at += 2 + length


MEASURES = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif, "image/bmp": _bmp, "image/webp": _webp}
