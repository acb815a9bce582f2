"""The footer of an ORC file, as far as it says between which times a column lies.

Arrow keeps times in nanoseconds since 1970, counts over their end without a word, and does not show the statistics.
Format: https://orc.apache.org/specification/ORCv1/ and https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TYPES, STATISTICS = 4, 7
KIND, TIMESTAMPS = 1, (9, 18)
VALUES, TIMES = 1, 9
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
HEADER = 3
"""Bytes before a packed chunk: its length, and whether it is not packed after all."""


@dataclass(frozen=True, slots=True)
class Times:
    """Earliest and latest time of a column in milliseconds since 1970; None where the file does not say."""

    column: int
    between: tuple[int, int] | None


def times_in(path: Path, file: Any) -> list[Times]:
    """For each column of times that holds any, by its number in the file. `file` is the opened ORCFile."""
    footer = _footer(path, file)
    kinds = [dict(_fields(body)).get(KIND) for field, body in footer if field == TYPES]
    statistics = [list(_fields(body)) for field, body in footer if field == STATISTICS]
    found = []
    for number, kind in enumerate(kinds):
        said = statistics[number] if number < len(statistics) else []
        if kind not in TIMESTAMPS or dict(said).get(VALUES) == 0:
            continue
        bounds = [_signed(value) for field, body in said if field == TIMES for _, value in _fields(body)]
        found.append(Times(number, (min(bounds), max(bounds)) if bounds else None))
    return found


def _footer(path: Path, file: Any) -> list[tuple[int, Any]]:
    with path.open("rb") as opened:
        opened.seek(-(1 + file.file_postscript_length + file.file_footer_length), 2)
        packed = opened.read(file.file_footer_length)
    return list(_fields(b"".join(_unpacked(packed, file.compression, file.compression_size))))


def _unpacked(data: bytes, codec: str, most: int) -> Iterator[bytes]:
    if codec == "UNCOMPRESSED":
        yield data
        return
    while data:
        header = int.from_bytes(data[:HEADER], "little")
        chunk, data = data[HEADER : HEADER + (header >> 1)], data[HEADER + (header >> 1) :]
        yield chunk if header & 1 else _chunk(chunk, codec, most)


def _chunk(chunk: bytes, codec: str, most: int) -> bytes:
    """A packed chunk; zeros may follow, which no field begins with."""
    from pyarrow import decompress, input_stream, py_buffer

    if codec == "ZLIB":
        return zlib.decompress(chunk, -15)
    if codec == "ZSTD":
        with input_stream(py_buffer(chunk), compression="zstd") as stream:
            return bytes(stream.read())
    if codec == "SNAPPY":
        return bytes(decompress(chunk, _varint(chunk, 0)[0], "snappy"))
    return bytes(decompress(chunk, most, "lz4_raw"))


def _fields(message: Any) -> Iterator[tuple[int, Any]]:
    """Numbers and values of a message's fields."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        if not tag:
            return
        kind = tag & 7
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind == BYTES:
            size, place = _varint(message, place)
            value, place = message[place : place + size], place + size
        else:
            size = {EIGHT: 8, FOUR: 4}[kind]
            value, place = message[place : place + size], place + size
        yield tag >> 3, value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value, place, shift = value | (byte & 0x7F) << shift, place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)
