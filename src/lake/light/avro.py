"""Avro container files: blocks unpacked here, under a limit, records decoded by fastavro.

Format: https://avro.apache.org/docs/1.12.0/specification/#object-container-files
"""

from __future__ import annotations

import bz2
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

from lake.core.errors import Rejected
from lake.light.binding import Binding, path_of
from lake.light.header import bound
from lake.light.row import Document, Row
from lake.light.snappy import snappy
from lake.light.value import Misfit

MAGIC = b"Obj\x01"
MOST = 64 << 20
"""Bytes of one block, packed or unpacked; writers make blocks of some kilobytes."""


def read(document: Document) -> Iterator[Row]:
    """All records. Raises Rejected for a broken file, and for one whose schema is not the declared one."""
    import fastavro

    binding = Binding(document.schema, document.options)
    with document.path.open("rb") as file:
        codec, schema, sync = _header(file)
        try:
            parsed = fastavro.parse_schema(schema)
        except Exception as error:  # whatever the library says of a schema
            raise Rejected("CORRUPT", f"the file's own schema is not Avro's: {error}") from error
        _check(parsed, document)
        number = 0
        for count, block in _blocks(file, codec, sync):
            data = BytesIO(block)
            for _ in range(count):
                number += 1
                try:
                    record = fastavro.schemaless_reader(data, parsed, None)
                except Exception as error:  # whatever the library raises for bytes that are no record
                    raise Rejected("CORRUPT", f"record {number} cannot be decoded: {error}") from error
                yield _row(record, binding)


def _row(record: Any, binding: Binding) -> Row:
    try:
        return Row(0, binding.cells(record))
    except Misfit as misfit:
        return Row(0, (), str(misfit), json.dumps(record, default=str, ensure_ascii=False))


def _check(schema: Any, document: Document) -> None:
    """The record's fields must be the declared ones: what is missing in the schema is missing in every row."""
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise Rejected("SCHEMA", "schema: the file holds no records, but values of another type")
    names = [field["name"] for field in schema["fields"]]
    declared = dict.fromkeys(path_of(column.place)[0] for column in document.schema)
    if document.options.get("ignore_extra"):
        names = [name for name in names if name in declared]
    try:
        bound(names, list(declared))
    except Rejected as error:
        raise Rejected("SCHEMA", f"schema: {str(error).removeprefix('header: ')}") from error


def _header(file: BinaryIO) -> tuple[str, Any, bytes]:
    """Codec, schema and sync marker."""
    if file.read(4) != MAGIC:
        raise Rejected("CORRUPT", "the object is not Avro: it does not begin with Obj and 1")
    found: dict[str, bytes] = {}
    while count := _long(file):
        if count < 0:
            _long(file)
        for _ in range(abs(count)):
            key = _bytes(file, _long(file)).decode("utf-8", "replace")
            found[key] = _bytes(file, _long(file))
    try:
        schema = json.loads(found.get("avro.schema", b""))
    except ValueError as error:
        raise Rejected("CORRUPT", f"the file's own schema is not JSON: {error}") from error
    return found.get("avro.codec", b"null").decode("ascii", "replace"), schema, _bytes(file, 16)


def _blocks(file: BinaryIO, codec: str, sync: bytes) -> Iterator[tuple[int, bytes]]:
    """Number of records and unpacked bytes of each block."""
    if codec not in UNPACK:
        raise Rejected("CORRUPT", f"its codec {codec!r} is not read; known: {', '.join(sorted(UNPACK))}")
    number = 0
    while file.peek(1) if hasattr(file, "peek") else True:
        number += 1
        count, size = _long(file), _long(file)
        if not 0 <= size <= MOST or count < 0:
            raise Rejected("CORRUPT", f"block {number} claims {count} records in {size} bytes; at most {MOST} are read")
        packed = _bytes(file, size)
        if _bytes(file, 16) != sync:
            raise Rejected("CORRUPT", f"block {number} does not end with the file's sync marker")
        try:
            block = UNPACK[codec](packed)
        except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, IndexError) as error:
            raise Rejected("CORRUPT", f"block {number} is not {codec}: {error}") from error
        if len(block) > MOST:
            raise Rejected("RATIO", f"block {number} unpacks from {size} to more than {MOST} bytes; a bomb?")
        yield count, block


def _long(file: BinaryIO) -> int:
    result = shift = 0
    while True:
        byte = _bytes(file, 1)[0]
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result >> 1 ^ -(result & 1)
        shift += 7
        if shift > 63:
            raise Rejected("CORRUPT", f"a number before byte {file.tell()} is longer than Avro's")


def _bytes(file: BinaryIO, size: int) -> bytes:
    found = file.read(size) if 0 <= size <= MOST else b""
    if len(found) != size:
        raise Rejected("CORRUPT", f"the file ends at byte {file.tell()}, within a block; is it whole?")
    return found


def _deflate(data: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(data, MOST + 1)


def _zstandard(data: bytes) -> bytes:
    from backports import zstd

    try:
        return zstd.ZstdDecompressor().decompress(data, MOST + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from error


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "null": lambda data: data,
    "deflate": _deflate,
    "bzip2": lambda data: bz2.BZ2Decompressor().decompress(data, MOST + 1),
    "xz": lambda data: lzma.LZMADecompressor().decompress(data, MOST + 1),
    "zstandard": _zstandard,
    "snappy": lambda data: snappy(data[:-4], MOST, data[-4:]),
}
