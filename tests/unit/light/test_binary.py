"""Binary objects: one row of facts each."""

from __future__ import annotations

import hashlib
import struct

import pytest

from lake.core.contract import Column
from lake.core.format import FACTS_OF_BINARY
from unit.light.batch import Stage, dataset
from unit.light.picture import png

COLUMNS = [Column(name, kind) for name, kind in FACTS_OF_BINARY.items()]


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9) + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 48, 64) + bytes(9)
GIF = b"GIF89a" + struct.pack("<HH", 3, 2)
BMP = b"BM" + bytes(16) + struct.pack("<ii", 5, -4)
WEBP = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0" + bytes(4) + (99).to_bytes(3, "little") + (9).to_bytes(3, "little")
PDF = b"%PDF-1.7\n1 0 obj<</Kids[]/Type /Pages/Count 12>>\n2 0 obj<</Type/Pages/Count 3>>\n%%EOF"


@pytest.mark.parametrize(
    ("content", "kind", "facts"),
    [
        (png(640, 480), "image/png", (640, 480, None, None)),
        (JPEG, "image/jpeg", (64, 48, None, None)),
        (GIF, "image/gif", (3, 2, None, None)),
        (BMP, "image/bmp", (5, 4, None, None)),
        (WEBP, "image/webp", (100, 10, None, None)),
        (PDF, "application/pdf", (None, None, "1.7", 12)),
        (b"\x1f\x8b" + bytes(30), "application/gzip", (None,) * 4),
        ("é".encode(), "text/plain", (None,) * 4),
        (b"\xff\x00", "application/octet-stream", (None,) * 4),
        (b"", "application/octet-stream", (None,) * 4),
    ],
)
def test_an_object_is_a_row_of_its_facts(stage: Stage, content: bytes, kind: str, facts: tuple[object, ...]) -> None:
    result = stage(dataset(COLUMNS, format_="binary"), content)
    key, digest = "aviation/flights/0.csv", hashlib.sha256(content).hexdigest()
    assert result.rows == [(key, len(content), kind, digest, *facts)]


@pytest.mark.parametrize("content", [png(1, 1)[:20], JPEG[:25], b"%PDF-x"])
def test_a_header_that_breaks_off_is_rejected(stage: Stage, content: bytes) -> None:
    assert stage(dataset(COLUMNS, format_="binary"), content).ends[0][0] == "CORRUPT"


def test_only_declared_kinds_are_taken(stage: Stage) -> None:
    declared = dataset(COLUMNS[:1], format_="binary", options={"content_types": ["image/png"]})
    result = stage(declared, png(1, 1), b"hello")
    assert len(result.rows) == 1
    assert result.ends[1] == ("SCHEMA", "its bytes are text/plain; declared: image/png")
