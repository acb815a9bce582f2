"""A plain table of Parquet files: only what is registered, as Athena reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.schema import Schema
from pyiceberg.types import NestedField

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import QueryFailed, ddl_failed, storage_refused
from lakelocal.inside.athena.iceberg_type import iceberg_type
from lakelocal.inside.athena.partition import partitions
from lakelocal.inside.athena.source import Scan, trino_types
from lakelocal.inside.athena.type_name import trino_name

_SMALL = {"tinyint": pa.int8(), "smallint": pa.int16()}
_TEXT = {"varchar", "varbinary"}


@dataclass(frozen=True, slots=True)
class _File:
    bucket: str
    key: str
    values: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{self.bucket}/{self.key}"


@dataclass(frozen=True)
class ParquetSource:
    """The files below the table's location, or below those of its registered partitions."""

    caller: Caller
    table: Mapping[str, Any]

    @cached_property
    def columns(self) -> Mapping[str, pa.DataType]:
        self.check_format()
        storage = self.table["StorageDescriptor"].get("Columns", ())
        declared = [*storage, *self.table.get("PartitionKeys", ())]
        return {str(column["Name"]).lower(): _arrow_type(str(column["Type"])) for column in declared}

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.columns.items()))

    def scan(self, wanted: Sequence[str], filters: Sequence[Any], version: Any) -> Scan:
        if version is not None:
            raise QueryFailed("NOT_SUPPORTED: time travel needs an Iceberg table")
        schema = pa.schema([(name, self.columns[name]) for name in wanted])
        keys = [str(key["Name"]).lower() for key in self.table.get("PartitionKeys", ())]
        stored = [name for name in wanted if name not in keys]
        opened = [(found, self._open(found)) for found in self._files(keys, filters)]
        touched = sum(_touched(file.metadata, stored) for _, file in opened)
        if not wanted:
            return Scan(0, sum(file.metadata.num_rows for _, file in opened), schema, iter(()))
        return Scan(touched, None, schema, _batches(opened, schema, stored, keys))

    def check_format(self) -> None:
        """Raise QueryFailed unless the files are Parquet."""
        serde = str((self.table["StorageDescriptor"].get("SerdeInfo") or {}).get("SerializationLibrary", ""))
        if "parquet" not in serde.lower():
            raise QueryFailed(
                f"NOT_SUPPORTED: not built in the local Athena: the table {self.table['Name']} in the format "
                f"'{serde or 'unknown'}'; it reads Iceberg and Parquet"
            )

    def _files(self, keys: Sequence[str], filters: Sequence[Any]) -> Iterator[_File]:
        if not keys:
            yield from self._listed(str(self.table["StorageDescriptor"]["Location"]), ())
            return
        for values, location in partitions(self.caller, self.table, filters):
            yield from self._listed(location, values)

    def _listed(self, location: str, values: tuple[str, ...]) -> Iterator[_File]:
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
        try:
            for page in self.caller.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(prefix)
                    hidden = any(part.startswith(("_", ".")) for part in name.split("/"))
                    if found["Size"] and not hidden:
                        yield _File(bucket, found["Key"], values)
        except ClientError as error:
            raise storage_refused(location, str(error)) from error

    def _open(self, found: _File) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.caller.files.open_input_file(found.path))
        except pa.ArrowInvalid as error:
            raise QueryFailed(f"HIVE_CURSOR_ERROR: Failed to read Parquet file: s3://{found.path}: {error}") from error


def _batches(
    opened: Sequence[tuple[_File, pq.ParquetFile]], schema: pa.Schema, stored: Sequence[str], keys: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    for found, file in opened:
        present = {name.lower(): name for name in file.schema_arrow.names}
        names = [present[name] for name in stored if name in present]
        values = dict(zip(keys, found.values, strict=True))
        for batch in file.iter_batches(columns=names):
            arrays = {name.lower(): batch.column(at) for at, name in enumerate(batch.schema.names)}
            yield pa.RecordBatch.from_arrays(
                [_column(field, arrays, values, batch.num_rows, found) for field in schema], schema=schema
            )


def _column(
    field: pa.Field, arrays: Mapping[str, pa.Array], values: Mapping[str, str], rows: int, found: _File
) -> pa.Array:
    if field.name in values:
        return _repeated(field, values[field.name], rows)
    if field.name not in arrays:  # older files lack columns that were added later
        return pa.nulls(rows, field.type)
    given = arrays[field.name].type
    try:
        if trino_name(given) != trino_name(field.type) and _TEXT & {trino_name(given), trino_name(field.type)}:
            raise pa.ArrowInvalid("Trino makes no text of numbers, and no numbers of text")
        return arrays[field.name].cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryFailed(
            f"HIVE_BAD_DATA: Field {field.name}'s type {_physical(given)} in parquet file s3://{found.path} "
            f"is incompatible with type {trino_name(field.type)} defined in table schema"
        ) from error


def _physical(kind: pa.DataType) -> str:
    """How Parquet stores it: https://parquet.apache.org/docs/file-format/types/"""
    if pa.types.is_date(kind) or (pa.types.is_integer(kind) and kind.bit_width < 64):
        return "INT32"
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind):
        return "INT64"
    named = {"boolean": "BOOLEAN", "real": "FLOAT", "double": "DOUBLE"}
    return named.get(trino_name(kind), "FIXED_LEN_BYTE_ARRAY" if pa.types.is_decimal(kind) else "BINARY")


def _repeated(field: pa.Field, text: str, rows: int) -> pa.Array:
    """The partition's own value, which its files do not hold."""
    if text == "__HIVE_DEFAULT_PARTITION__":
        return pa.nulls(rows, field.type)
    try:
        return pa.repeat(pa.scalar(text).cast(field.type), rows)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        kind = trino_types(pa.schema([field]))[field.name]
        raise QueryFailed(
            f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{text}' for {kind} partition key: {field.name}"
        ) from error


def _touched(metadata: pq.FileMetaData, names: Sequence[str]) -> int:
    total = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for at in range(row_group.num_columns):
            chunk = row_group.column(at)
            if chunk.path_in_schema.split(".")[0].lower() in names:
                total += chunk.total_compressed_size
    return total


def _arrow_type(text: str) -> pa.DataType:
    if text in _SMALL:
        return _SMALL[text]
    if text.startswith(("varchar", "char")):
        return pa.string()
    try:
        return schema_to_pyarrow(Schema(NestedField(1, "c", iceberg_type(text))), include_field_ids=False).field(0).type
    except QueryFailed as error:
        raise ddl_failed(f"SemanticException the local Athena does not read columns of type {text}") from error
