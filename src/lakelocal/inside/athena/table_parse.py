"""Reads CREATE TABLE and ALTER TABLE into values."""

from __future__ import annotations

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.cursor import Cursor
from lakelocal.inside.athena.failure import InvalidRequest, not_built

_TRANSFORMS = ("year", "month", "day", "hour", "bucket", "truncate")
_PLURALS = {"years": "year", "months": "month", "days": "day", "hours": "hour"}


def create_external(cursor: Cursor) -> ddl.CreateExternal:
    """MiniStack reads these statements well; only the calls must be the caller's."""
    from ministack.services import athena

    found = athena._parse_ddl(cursor.text)
    if not isinstance(found, athena._CreateTable):
        raise InvalidRequest("line 1:8: mismatched input 'external'", "MALFORMED_QUERY")
    cursor.skip_all()
    name = (found.database, found.table.lower())
    return ddl.CreateExternal(name, athena._create_table_input(found), found.if_not_exists)


def create(cursor: Cursor) -> ddl.CreateIceberg:
    missing = cursor.take("if", "not", "exists")
    table = cursor.dotted()
    columns = _columns(cursor)
    comment = cursor.string() if cursor.take("comment") else None
    partitions = _partitions(cursor) if cursor.take("partitioned", "by") else ()
    comment = cursor.string() if comment is None and cursor.take("comment") else comment
    location = cursor.string() if cursor.take("location") else ""
    properties = _properties(cursor) if cursor.take("tblproperties") else {}
    if properties.get("table_type", "").lower() != "iceberg":
        raise InvalidRequest("External keyword required for table type HIVE", "MALFORMED_QUERY")
    if not location:
        raise InvalidRequest("LOCATION clause is required for an Iceberg table", "MALFORMED_QUERY")
    return ddl.CreateIceberg(table, columns, location, partitions, comment, properties, missing)


def _columns(cursor: Cursor) -> tuple[ddl.Column, ...]:
    cursor.expect("(")
    found = [_column(cursor)]
    while cursor.take(","):
        found.append(_column(cursor))
    cursor.expect(")")
    return tuple(found)


def _column(cursor: Cursor) -> ddl.Column:
    name, kind = cursor.name(), cursor.type_text()
    return ddl.Column(name, kind, cursor.string() if cursor.take("comment") else None)


def _partitions(cursor: Cursor) -> tuple[ddl.Partition, ...]:
    cursor.expect("(")
    found = [_partition(cursor)]
    while cursor.take(","):
        found.append(_partition(cursor))
    cursor.expect(")")
    return tuple(found)


def _partition(cursor: Cursor) -> ddl.Partition:
    name = cursor.name()
    if not cursor.take("("):
        return ddl.Partition(name)
    transform = _PLURALS.get(name, name)
    if transform not in _TRANSFORMS:
        raise cursor.mismatch(", ".join(_TRANSFORMS))
    width = 0
    if transform in ("bucket", "truncate"):
        width = cursor.number()
        cursor.expect(",")
    column = cursor.name()
    cursor.expect(")")
    return ddl.Partition(column, transform, width)


def _properties(cursor: Cursor) -> dict[str, str]:
    cursor.expect("(")
    found: dict[str, str] = {}
    while True:
        key = cursor.string()
        cursor.expect("=")
        found[key] = cursor.string()
        if not cursor.take(","):
            cursor.expect(")")
            return found


def alter(cursor: Cursor) -> ddl.Ddl:
    table = cursor.dotted()
    if cursor.take("add", "columns"):
        return ddl.AddColumns(table, _columns(cursor))
    if cursor.looks_at("add", "if") or cursor.looks_at("add", "partition"):
        return _add_partition(cursor, table)
    if cursor.take("replace", "columns"):
        return ddl.ReplaceColumns(table, _columns(cursor))
    if cursor.take("change", "column") or cursor.take("change"):
        return ddl.ChangeColumn(table, cursor.name(), _column(cursor))
    if cursor.take("drop", "column"):
        return ddl.DropColumn(table, cursor.name())
    if cursor.take("set", "tblproperties"):
        return ddl.SetProperties(table, _properties(cursor))
    if cursor.take("unset", "tblproperties"):
        cursor.expect("(")
        keys = [cursor.string()]
        while cursor.take(","):
            keys.append(cursor.string())
        cursor.expect(")")
        return ddl.UnsetProperties(table, tuple(keys))
    if cursor.looks_at("rename") or cursor.looks_at("drop") or cursor.looks_at("set"):
        raise not_built(f"ALTER TABLE … {cursor.rest().upper()[:40]}")
    raise cursor.mismatch("ADD COLUMNS, ADD PARTITION, CHANGE COLUMN, DROP COLUMN, REPLACE COLUMNS, SET TBLPROPERTIES")


def _add_partition(cursor: Cursor, table: ddl.Name) -> ddl.AddPartition:
    cursor.expect("add")
    missing = cursor.take("if", "not", "exists")
    found: list[tuple[dict[str, str], str | None]] = []
    while cursor.take("partition"):
        values: dict[str, str] = {}
        cursor.expect("(")
        while True:
            column = cursor.name()
            cursor.expect("=")
            values[column] = cursor.literal()
            if not cursor.take(","):
                break
        cursor.expect(")")
        found.append((values, cursor.string() if cursor.take("location") else None))
    if not found:
        raise cursor.mismatch("PARTITION")
    return ddl.AddPartition(table, tuple(found), missing)
