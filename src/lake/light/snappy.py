"""Snappy, as Avro's blocks hold it: written by Spark unless told otherwise.

Format: https://github.com/google/snappy/blob/main/format_description.txt
"""

from __future__ import annotations

import zlib


def snappy(data: bytes, most: int, checksum: bytes) -> bytes:
    """Unpack a block. Raises ValueError if it is broken, unpacks to more than `most` bytes, or has another CRC-32."""
    size, at = _size(data)
    if size > most:
        raise ValueError(f"{size} bytes unpacked; at most {most} are read")
    out = bytearray()
    while at < len(data):
        at = _element(data, at, out)
        if len(out) > size:
            raise ValueError("longer than it says")
    if len(out) != size:
        raise ValueError(f"{len(out)} bytes where it says {size}")
    if zlib.crc32(out).to_bytes(4, "big") != checksum:
        raise ValueError("the checksum is another")
    return bytes(out)


def _size(data: bytes) -> tuple[int, int]:
    result = shift = at = 0
    while True:
        byte = data[at]
        result |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return result, at


def _element(data: bytes, at: int, out: bytearray) -> int:
    """One literal or copy; gives where the next begins."""
    tag = data[at]
    kind, rest = tag & 3, tag >> 2
    if kind == 0:
        more = max(rest - 59, 0)
        length = (int.from_bytes(data[at + 1 : at + 1 + more], "little") if more else rest) + 1
        start = at + 1 + more
        if start + length > len(data):
            raise ValueError("a literal goes beyond the end")
        out += data[start : start + length]
        return start + length
    if kind == 1:
        length, offset, end = (rest & 7) + 4, (rest >> 3) << 8 | data[at + 1], at + 2
    else:
        end = at + (3 if kind == 2 else 5)
        length, offset = rest + 1, int.from_bytes(data[at + 1 : end], "little")
    _copy(out, offset, length)
    return end


def _copy(out: bytearray, offset: int, length: int) -> None:
    """A copy may overlap what it writes: then it repeats itself."""
    if not 0 < offset <= len(out):
        raise ValueError("a copy begins before the start")
    start = len(out) - offset
    if offset >= length:
        out += out[start : start + length]
        return
    pattern = bytes(out[start:])
    out += (pattern * (length // offset + 1))[:length]
