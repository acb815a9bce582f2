"""Avro container files, in each of their codecs."""

from __future__ import annotations

import io
import random
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from backports import zstd

from lake.core.contract import Column
from lake.core.dataset import Dataset
from unit.light.batch import Stage, dataset

FIELDS = [
    {"name": "id", "type": "long"},
    {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
    {"name": "seen", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "day", "type": {"type": "int", "logicalType": "date"}},
    {"name": "ratio", "type": ["null", "double"]},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {
        "name": "plane",
        "type": {"type": "record", "name": "plane", "fields": [{"name": "tailNumber", "type": "string"}]},
    },
]
COLUMNS = [
    Column("id", "int"),
    Column("amount", "decimal(10,2)"),
    Column("seen", "timestamp"),
    Column("day", "date"),
    Column("ratio", "float"),
    Column("tags", "array<string>"),
    Column("tail", "string", at="$.plane.tailNumber"),
]
DECLARED = dataset(COLUMNS, format_="avro")


def record(**changes: object) -> dict[str, Any]:
    usual = {
        "id": 1, "amount": Decimal("1.50"), "seen": datetime(2024, 1, 2, 3, 4, 5, 6, UTC), "day": date(2024, 1, 2),
        "ratio": 0.5, "tags": ["a", "é"], "plane": {"tailNumber": "N1"},
    }  # fmt: skip
    return usual | changes


ROW = (1, Decimal("1.50"), datetime(2024, 1, 2, 3, 4, 5, 6), date(2024, 1, 2), 0.5, ["a", "é"], "N1")


def avro(*records: object, codec: str = "null", fields: list[dict[str, Any]] = FIELDS) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "r", "fields": fields}, records, codec=codec)
    return out.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_records_arrive_exactly(stage: Stage, codec: str) -> None:
    assert stage(DECLARED, avro(record(), record(), codec=codec)).rows == [ROW, ROW]


def packed(plain: bytes, codec: bytes, data: bytes) -> bytes:
    """A file of one block with its data packed otherwise."""
    head, sync = plain[: plain.index(b"avro.codec")], plain[-16:]
    rest = plain[plain.index(b"avro.codec") + len(b"avro.codec") + 1 + len(b"null") :]
    end = rest.index(sync) + 16
    return (
        head + b"avro.codec" + bytes([2 * len(codec)]) + codec + rest[:end] + b"\x02" + _zigzag(len(data)) + data + sync
    )


def _zigzag(value: int) -> bytes:
    return _size(value << 1)


def block_of(plain: bytes) -> bytes:
    sync = plain[-16:]
    block = plain[plain.index(sync) + 16 : -16]
    while block[0] >= 0x80:
        block = block[1:]
    block = block[1:]
    while block[0] >= 0x80:
        block = block[1:]
    return block[1:]


def snappy(data: bytes) -> bytes:
    """One literal, then copies of each kind that repeat what stands before them."""
    literal = bytes([61 << 2]) + (len(data) - 1).to_bytes(2, "little") + data
    copies = bytes([1 | (4 << 2), 8]) + bytes([2 | (63 << 2), 3, 0]) + bytes([3 | (9 << 2), 20, 0, 0, 0])
    plain = bytearray(data)
    for length, offset in ((8, 8), (64, 3), (10, 20)):
        for _ in range(length):
            plain.append(plain[-offset])
    return _size(len(plain)) + literal + copies + zlib.crc32(plain).to_bytes(4, "big")


def _size(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def test_snappy_and_zstandard_are_unpacked(stage: Stage) -> None:
    plain = avro(record(tags=[random.Random(1).randbytes(200).hex()]))
    for codec, pack in ((b"zstandard", zstd.compress), (b"snappy", snappy)):
        result = stage(DECLARED, packed(plain, codec, pack(block_of(plain))))
        assert (len(result.rows), result.ends) == (1, [("", "")])
    broken = bytearray(snappy(block_of(plain)))
    broken[-1] ^= 1
    assert "checksum" in stage(DECLARED, packed(plain, b"snappy", bytes(broken))).ends[0][1]
    bomb = zlib.compressobj(9, wbits=-15)
    data = bomb.compress(bytes(65 << 20)) + bomb.flush()
    assert stage(DECLARED, packed(plain, b"deflate", data)).ends[0][0] == "RATIO"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": 2**31}, "id: '2147483648' is not an int"),
        ({"ratio": 0.1}, "ratio: 0.1 is a number, not a float"),
        ({"tags": ["\0"]}, "tags: holds a NUL"),
        ({"plane": {"tailNumber": "\0"}}, "tail: holds a NUL"),
    ],
)
def test_another_record_is_set_aside(stage: Stage, changes: dict[str, object], said: str) -> None:
    result = stage(DECLARED, avro(record(), record(**changes)))
    assert result.rows == [ROW]
    assert result.reasons[0][:2] == (2, None)
    assert said in result.reasons[0][3]


def test_another_schema_or_a_broken_file_is_rejected(stage: Stage) -> None:
    whole = avro(record())
    other = avro({"id": 1, "extra": 2}, fields=[FIELDS[0], {"name": "extra", "type": "int"}])
    result = stage(DECLARED, whole[:-5], whole[:30], b"", b"id\n1\n", other, whole[:-16] + bytes(16), whole)
    assert [reason for reason, _ in result.ends] == [*["CORRUPT"] * 4, "SCHEMA", "CORRUPT", ""]
    assert result.rows == [ROW]
    assert "'amount', 'seen'" in result.ends[4][1]
    assert "'extra' is not declared" in result.ends[4][1]


def test_fields_that_nobody_declares_may_be_passed_over(stage: Stage) -> None:
    declared: Dataset = dataset(COLUMNS[:1], format_="avro", options={"ignore_extra": True})
    assert stage(declared, avro(record())).rows == [(1,)]
