"""DDL on Iceberg tables, by pyiceberg on the Glue catalog."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from pyiceberg import transforms
from pyiceberg.exceptions import TableAlreadyExistsError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.types import NestedField

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import ddl_failed
from lakelocal.inside.athena.iceberg_type import iceberg_type

_OWN = ("table_type", "format", "write_compression")
_TUNING = ("optimize_", "vacuum_")
_CODEC = "write.parquet.compression-codec"


def create(caller: Caller, database: str, statement: ddl.CreateIceberg) -> None:
    """Create the table; with IF NOT EXISTS an existing one is left alone."""
    try:
        caller.catalog.create_table(
            (database, statement.table[1]),
            _schema(statement.columns),
            location=statement.location.rstrip("/"),
            partition_spec=_spec(statement),
            properties=_create_properties(statement),
        )
    except TableAlreadyExistsError as error:
        if statement.if_not_exists:
            return
        raise ddl_failed(f"AlreadyExistsException: Table {database}.{statement.table[1]} already exists") from error


def drop(caller: Caller, database: str, name: str, location: str) -> None:
    """Drop the table and delete everything below its location, as Athena does with Iceberg tables."""
    caller.glue.delete_table(DatabaseName=database, Name=name)
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not prefix.strip("/"):
        return
    pages = caller.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix.rstrip('/')}/")
    for page in pages:
        keys = [{"Key": found["Key"]} for found in page.get("Contents", ())]
        if keys:
            refused = caller.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True}).get("Errors")
            if refused:
                raise ddl_failed(f"{refused[0]['Code']}: s3://{bucket}/{refused[0]['Key']} could not be deleted")


def _schema(columns: Sequence[ddl.Column]) -> Schema:
    names = [column.name for column in columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ddl_failed(f"SemanticException [Error 10036]: Duplicate column name: {twice[0]}")
    ids = itertools.count(len(columns) + 1)
    return Schema(
        *(
            NestedField(number, column.name, iceberg_type(column.type, ids), required=False, doc=column.comment)
            for number, column in enumerate(columns, 1)
        )
    )


def _spec(statement: ddl.CreateIceberg) -> PartitionSpec:
    names = [column.name for column in statement.columns]
    fields = []
    for number, partition in enumerate(statement.partitions):
        if partition.column not in names:
            raise ddl_failed(f"SemanticException Partition column '{partition.column}' is not a column of the table")
        fields.append(
            PartitionField(
                source_id=names.index(partition.column) + 1,
                field_id=1000 + number,
                transform=_transform(partition),
                name=_partition_name(partition),
            )
        )
    return PartitionSpec(*fields)


def _transform(partition: ddl.Partition) -> transforms.Transform[Any, Any]:
    if partition.transform == "bucket":
        return transforms.BucketTransform(partition.width)
    if partition.transform == "truncate":
        return transforms.TruncateTransform(partition.width)
    kinds: dict[str, type[transforms.Transform[Any, Any]]] = {
        "identity": transforms.IdentityTransform,
        "year": transforms.YearTransform,
        "month": transforms.MonthTransform,
        "day": transforms.DayTransform,
        "hour": transforms.HourTransform,
    }
    return kinds[partition.transform]()


def _partition_name(partition: ddl.Partition) -> str:
    suffix = {"identity": "", "truncate": "_trunc"}.get(partition.transform, f"_{partition.transform}")
    return partition.column + suffix


def _create_properties(statement: ddl.CreateIceberg) -> dict[str, str]:
    given = properties_of(statement.properties)
    given.setdefault(_CODEC, "zstd")
    if statement.comment:  # Glue's description: pyiceberg reads the one, Spark's catalog the other
        given |= {"Description": statement.comment, "comment": statement.comment}
    return given


def properties_of(given: Mapping[str, str]) -> dict[str, str]:
    """Athena's property names as Iceberg's; raises QueryFailed for a key that Athena does not take."""
    for key in given:
        if key not in _OWN and not key.startswith(_TUNING):
            raise ddl_failed(
                f"SemanticException Unsupported table property key: {key}. "
                "Athena takes table_type, format, write_compression, optimize_…, vacuum_…"
            )
    if given.get("format", "parquet").lower() != "parquet":
        raise ddl_failed(f"SemanticException not built in the local Athena: format '{given['format']}'; use 'parquet'")
    kept = {key: value for key, value in given.items() if key.startswith(_TUNING)}
    if "format" in given:
        kept["write.format.default"] = "parquet"
    if "write_compression" in given:
        kept[_CODEC] = given["write_compression"].lower()
    return kept
