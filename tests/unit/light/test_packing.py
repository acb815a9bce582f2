"""What objects are packed in: told by their bytes, bounded, read member by member."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable

import pytest
from backports import zstd

from lake.core.contract import Column
from unit.light.batch import Stage, dataset

COLUMNS = [Column("a", "int"), Column("b", "string")]
PACKS = [gzip.compress, bz2.compress, lzma.compress, zstd.compress]
NAMES = ["gzip", "bzip2", "xz", "zstd"]
CSV, LINES = b"a,b\n1,x\n", b'{"a": 1, "b": "x"}\n'


def zipped(*members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("some")
        archive.writestr("__MACOSX/some/._1", b"\0\1\2")
        for number, content in enumerate(members):
            archive.writestr(f"some/{number}", content)
    return out.getvalue()


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_a_pack_is_told_by_its_bytes(stage: Stage, pack: Callable[[bytes], bytes]) -> None:
    assert stage(dataset(COLUMNS), pack(CSV)).rows == [(1, "x")]
    assert stage(dataset(COLUMNS, format_="jsonl"), pack(LINES)).rows == [(1, "x")]


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_a_broken_pack_is_rejected(stage: Stage, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(LINES * 5_000)
    for content in (packed[: len(packed) // 2], packed[:12]):
        assert stage(dataset(COLUMNS, format_="jsonl"), content).ends[0][0] == "CORRUPT"


@pytest.mark.parametrize("pack", PACKS, ids=NAMES)
def test_a_bomb_is_rejected(stage: Stage, pack: Callable[[bytes], bytes]) -> None:
    declared = dataset(COLUMNS, format_="jsonl", options={"max_ratio": 5})
    assert stage(declared, pack(b"\n" * (65 << 20))).ends[0][0] == "RATIO"


def test_the_members_of_a_zip_are_one_object(stage: Stage) -> None:
    result = stage(dataset(COLUMNS), zipped(CSV, b"a,b\r\n2,y\r\nx,z", b"a,b\n3,w\n"))
    assert result.rows == [(1, "x"), (2, "y"), (3, "w")]
    assert [row[-3] for row in result.table] == [1, 2, 4]
    assert result.reasons[0][0] == 3
    documents = stage(dataset(COLUMNS, format_="json"), zipped(b'[{"a": 1}]', b"[]", b'[{"a": 2}]'))
    assert [(row[0], row[-3]) for row in documents.table] == [(1, 1), (2, 2)]


def test_members_with_different_headers_are_rejected(stage: Stage) -> None:
    assert stage(dataset(COLUMNS), zipped(CSV, b"b,a\nx,1\n")).ends[0][0] == "HEADER"


def test_a_broken_zip_gives_no_row(stage: Stage) -> None:
    whole = zipped(LINES, LINES * 3_000)
    spoilt = bytearray(whole)
    spoilt[whole.index(b"some/1") + 30] ^= 0xFF
    for content in (whole[:-40], bytes(spoilt)):
        result = stage(dataset(COLUMNS, format_="jsonl"), content)
        assert (result.rows, result.ends[0][0]) == ([], "CORRUPT")
    assert "1 of the zip archive" not in stage(dataset(COLUMNS, format_="jsonl"), whole).ends[0][1]


def test_a_method_that_is_not_read_is_named(stage: Stage) -> None:
    """Windows packs large files by deflate64, method 9."""
    whole = zipped(LINES)
    for header, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = whole.rindex(header) + place
        whole = whole[:at] + b"\x09\x00" + whole[at + 2 :]
    reason, message, *_ = stage(dataset(COLUMNS, format_="jsonl"), whole).ends[0]
    assert reason == "CORRUPT"
    assert "'some/0' of the zip archive is packed by method 9; pack it by deflate" in message


@pytest.mark.parametrize(("encoding", "said"), [("utf-16", "utf-16-le"), ("latin-1", "mark of UTF-8")])
def test_a_byte_order_mark_must_agree(stage: Stage, encoding: str, said: str) -> None:
    content = b"\xef\xbb\xbf" + CSV if encoding == "latin-1" else CSV.decode().encode("utf-16-le")
    result = stage(dataset(COLUMNS, options={"encoding": encoding}), content)
    assert result.ends[0][0] == "ENCODING"
    assert said in result.ends[0][1]
