"""DDL on Iceberg tables, by pyiceberg on the Glue catalog."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyiceberg import transforms
from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError, ValidationError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.types import IcebergType, NestedField

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import QueryFailed, ddl_failed
from lakelocal.inside.athena.iceberg_type import iceberg_type

_OWN = ("table_type", "format", "write_compression")
_TUNING = ("optimize_", "vacuum_")
_CODEC = "write.parquet.compression-codec"
ATTEMPTS = 4

Change = Callable[[Any], None]


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


def alter(caller: Caller, table: tuple[str, str], change: Change) -> None:
    """Commit one change; a commit that another one overtook is done again on the new state."""
    for attempt in range(ATTEMPTS):
        loaded = caller.catalog.load_table(table)
        try:
            change(loaded)
            return
        except CommitFailedException as error:
            if attempt == ATTEMPTS - 1:
                raise QueryFailed(f"ICEBERG_COMMIT_ERROR: {error}") from error
        except (ValueError, ValidationError) as error:
            raise ddl_failed(f"SemanticException {error}") from error


def forget(caller: Caller, table: tuple[str, str], keys: Sequence[str]) -> None:
    """Take unset properties out of the Glue table too: pyiceberg only ever adds to its parameters."""
    found = caller.glue.get_table(DatabaseName=table[0], Name=table[1])["Table"]
    kept = {key: value for key, value in found["Parameters"].items() if key not in keys}
    if kept == found["Parameters"]:
        return
    carried = ("Name", "Description", "Owner", "TableType", "StorageDescriptor", "PartitionKeys")
    caller.glue.update_table(
        DatabaseName=table[0],
        TableInput={key: found[key] for key in carried if found.get(key)} | {"Parameters": kept},
        VersionId=found["VersionId"],
    )


def change_of(statement: ddl.Ddl) -> Change | None:
    """What an ALTER TABLE does to a loaded table, or None if it is not one of an Iceberg table."""
    if isinstance(statement, ddl.AddColumns):
        return lambda table: _add(table, statement.columns)
    if isinstance(statement, ddl.ReplaceColumns):
        return lambda table: _replace(table, statement.columns)
    if isinstance(statement, ddl.ChangeColumn):
        return lambda table: _change(table, statement.old, statement.new)
    if isinstance(statement, ddl.DropColumn):
        return lambda table: _drop(table, statement.column)
    if isinstance(statement, ddl.SetProperties):
        given = _properties(statement.properties)
        return lambda table: table.transaction().set_properties(given).commit_transaction()
    if isinstance(statement, ddl.UnsetProperties):
        return lambda table: table.transaction().remove_properties(*statement.keys).commit_transaction()
    return None


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
    given = _properties(statement.properties)
    given.setdefault(_CODEC, "zstd")
    if statement.comment:  # Glue's description: pyiceberg reads the one, Spark's catalog the other
        given |= {"Description": statement.comment, "comment": statement.comment}
    return given


def _properties(given: Mapping[str, str]) -> dict[str, str]:
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


def _find(table: Any, name: str) -> NestedField:
    for field in table.schema().fields:
        if field.name.lower() == name:
            return field  # type: ignore[no-any-return]
    raise ddl_failed(f"SemanticException [Error 10002]: Invalid column reference {name}")


def _names(table: Any) -> list[str]:
    return [field.name.lower() for field in table.schema().fields]


def _add(table: Any, columns: Sequence[ddl.Column]) -> None:
    with table.update_schema() as update:
        for column in columns:
            if column.name in _names(table):
                raise ddl_failed(f"SemanticException [Error 10036]: Duplicate column name: {column.name}")
            update.add_column(column.name, iceberg_type(column.type), doc=column.comment)


def _replace(table: Any, columns: Sequence[ddl.Column]) -> None:
    wanted = {column.name: column for column in columns}
    with table.update_schema(allow_incompatible_changes=True) as update:
        for field in table.schema().fields:
            column = wanted.get(field.name.lower())
            if column is None:
                update.delete_column(field.name)
            else:
                _retype(update, field, iceberg_type(column.type), column.comment)
        for column in columns:
            if column.name not in _names(table):
                update.add_column(column.name, iceberg_type(column.type), doc=column.comment)


def _change(table: Any, old: str, new: ddl.Column) -> None:
    field = _find(table, old)
    if new.name != old and new.name in _names(table):
        raise ddl_failed(f"SemanticException [Error 10036]: Duplicate column name: {new.name}")
    with table.update_schema() as update:
        _retype(update, field, iceberg_type(new.type), new.comment)
        if new.name != old:
            update.rename_column(field.name, new.name)


def _retype(update: Any, field: NestedField, wanted: IcebergType, comment: str | None) -> None:
    changes: dict[str, Any] = {}
    if not _same(field.field_type, wanted):
        changes["field_type"] = wanted
    if comment is not None and comment != field.doc:
        changes["doc"] = comment
    if changes:
        update.update_column(field.name, **changes)


def _same(left: IcebergType, right: IcebergType) -> bool:
    """Equal but for the ids of nested fields."""
    if left.is_primitive or right.is_primitive:
        return left == right
    return _shape(left) == _shape(right)


def _shape(kind: Any) -> object:
    if kind.is_primitive:
        return str(kind)
    if hasattr(kind, "element_type"):
        return ["list", _shape(kind.element_type)]
    if hasattr(kind, "key_type"):
        return ["map", _shape(kind.key_type), _shape(kind.value_type)]
    return ["struct", *((field.name, _shape(field.field_type)) for field in kind.fields)]


def _drop(table: Any, name: str) -> None:
    field = _find(table, name)
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column(field.name)
