"""ALTER TABLE of an Iceberg table: one change, committed on the newest state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyiceberg.exceptions import CommitFailedException, ValidationError
from pyiceberg.types import IcebergType, NestedField

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import QueryFailed, ddl_failed
from lakelocal.inside.athena.iceberg_ddl import properties_of
from lakelocal.inside.athena.iceberg_type import iceberg_type

ATTEMPTS = 4

Change = Callable[[Any], None]


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
        given = properties_of(statement.properties)
        return lambda table: table.transaction().set_properties(given).commit_transaction()
    if isinstance(statement, ddl.UnsetProperties):
        return lambda table: table.transaction().remove_properties(*statement.keys).commit_transaction()
    return None


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
