"""Thrift's compact protocol, as far as Parquet's footer needs it: structs are read whole and written back unchanged.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


@dataclass(slots=True)
class Struct:
    """Field number → (type, value); the order of the fields is kept."""

    fields: dict[int, tuple[int, Any]]

    def get(self, field: int) -> Any:
        return self.fields[field][1] if field in self.fields else None

    def put(self, field: int, value: Any) -> None:
        """Change a field that is there."""
        self.fields[field] = (self.fields[field][0], value)


@dataclass(slots=True)
class Items:
    """A list of values of one type."""

    type: int
    values: list[Any]


class Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self) -> Struct:
        fields: dict[int, tuple[int, Any]] = {}
        number = 0
        while head := self._byte():
            delta, type_ = head >> 4, head & 15
            number = number + delta if delta else _signed(self._varint())
            fields[number] = (type_, self._value(type_))
        return Struct(fields)

    def _value(self, type_: int) -> Any:
        if type_ in (TRUE, FALSE):
            return type_ == TRUE
        if type_ in (I16, I32, I64):
            return _signed(self._varint())
        if type_ == BYTE:
            return self._byte()
        if type_ == DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if type_ == BINARY:
            return self._take(self._varint())
        if type_ in (LIST, SET):
            return self._items()
        if type_ == STRUCT:
            return self.struct()
        raise ValueError(f"a Parquet footer holds thrift type {type_}, which it has no use for")

    def _items(self) -> Items:
        head = self._byte()
        size, type_ = head >> 4, head & 15
        if size == 15:
            size = self._varint()
        if type_ in (TRUE, FALSE):
            return Items(type_, [self._byte() for _ in range(size)])
        return Items(type_, [self._value(type_) for _ in range(size)])

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _varint(self) -> int:
        result = shift = 0
        while True:
            byte = self._byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7


def written(value: Struct) -> bytes:
    """The struct as bytes."""
    out = bytearray()
    _put_struct(out, value)
    return bytes(out)


def _put_struct(out: bytearray, value: Struct) -> None:
    last = 0
    for number, (type_, field) in value.fields.items():
        if type_ in (TRUE, FALSE):
            type_ = TRUE if field else FALSE
        if 0 < number - last <= 15:
            out.append((number - last) << 4 | type_)
        else:
            out.append(type_)
            _put_varint(out, _zigzag(number))
        last = number
        _put(out, type_, field)
    out.append(0)


def _put(out: bytearray, type_: int, value: Any) -> None:
    if type_ in (I16, I32, I64):
        _put_varint(out, _zigzag(value))
    elif type_ == BYTE:
        out.append(value)
    elif type_ == DOUBLE:
        out += struct.pack("<d", value)
    elif type_ == BINARY:
        _put_varint(out, len(value))
        out += value
    elif type_ in (LIST, SET):
        _put_items(out, value)
    elif type_ == STRUCT:
        _put_struct(out, value)


def _put_items(out: bytearray, items: Items) -> None:
    size = len(items.values)
    out.append(min(size, 15) << 4 | items.type)
    if size >= 15:
        _put_varint(out, size)
    for value in items.values:
        _put(out, BYTE if items.type in (TRUE, FALSE) else items.type, value)


def _put_varint(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _zigzag(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _signed(value: int) -> int:
    return value >> 1 ^ -(value & 1)
