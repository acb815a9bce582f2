"""SHOW and DESCRIBE: what the catalog knows, in the lines that Athena prints."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import glue_table, is_iceberg, need_database, partitions_of
from lakelocal.inside.athena.failure import ddl_failed
from lakelocal.inside.athena.view import is_view
from lakelocal.inside.athena.view_ddl import create_statement


def lines_of(caller: Caller, statement: ddl.Show, database: str) -> Iterator[str]:
    """The lines of the result, `database` standing in where the statement names none."""
    if statement.what == "databases":
        pages = caller.glue.get_paginator("get_databases").paginate()
        yield from _matching((found["Name"] for page in pages for found in page["DatabaseList"]), statement.pattern)
        return
    if statement.what in ("tables", "views"):
        where = statement.database or database
        need_database(caller, where)
        tables = caller.glue.get_paginator("get_tables").paginate(DatabaseName=where)
        listed = (found for page in tables for found in page["TableList"])
        names = (found["Name"] for found in listed if statement.what == "tables" or is_view(found))
        yield from _matching(names, statement.pattern)
        return
    where, name = statement.table[0] or database, statement.table[1]
    if statement.what == "create view":
        yield from create_statement(caller, where, name)
        return
    table = glue_table(caller, where, name)
    if table is None:
        raise ddl_failed(f"SemanticException [Error 10001]: Table not found {where}.{name}")
    if statement.what == "partitions":
        keys = [key["Name"] for key in table.get("PartitionKeys", ())]
        for found in partitions_of(caller, where, name):
            yield "/".join(f"{key}={value}" for key, value in zip(keys, found["Values"], strict=True))
    elif statement.what == "tblproperties":
        yield from (f"{key}\t{value}" for key, value in sorted((table.get("Parameters") or {}).items()))
    elif statement.what == "columns":
        yield from (f"{column['Name']:<20}" for column in _columns(table))
    elif statement.what == "create table":
        yield from _create_statement(caller, where, table)
    else:
        yield from _described(table, formatted=statement.what == "describe formatted")


def _matching(names: Iterator[str], pattern: str | None) -> Iterator[str]:
    """Hive's patterns: `*` and `|`."""
    wanted = [part.replace("%", "*") for part in (pattern or "*").split("|")]
    return (name for name in sorted(names) if any(fnmatch.fnmatchcase(name, part) for part in wanted))


def _columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The columns of now, without those that an Iceberg table once had, then the partition keys."""
    columns = [
        column
        for column in table["StorageDescriptor"].get("Columns", ())
        if (column.get("Parameters") or {}).get("iceberg.field.current", "true") == "true"
    ]
    return [*columns, *table.get("PartitionKeys", ())]


def _described(table: Mapping[str, Any], *, formatted: bool) -> Iterator[str]:
    for column in _columns(table):
        yield f"{column['Name']:<20}\t{column['Type']:<20}\t{column.get('Comment', ''):<20}"
    if not formatted:
        return
    yield f"{'Location:':<20}\t{table['StorageDescriptor'].get('Location', '')}"
    yield f"{'Table Type:':<20}\t{table.get('TableType', '')}"
    for key, value in sorted((table.get("Parameters") or {}).items()):
        yield f"\t{key:<20}\t{value}"


def _create_statement(caller: Caller, database: str, table: Mapping[str, Any]) -> Iterator[str]:
    keys = [f"`{key['Name']}`" for key in table.get("PartitionKeys", ())]
    if is_iceberg(table):
        keys = _transforms(caller.catalog._convert_glue_to_iceberg(table))
    yield f"CREATE {'' if is_iceberg(table) else 'EXTERNAL '}TABLE {database}.{table['Name']}("
    declared = [column for column in _columns(table) if column not in table.get("PartitionKeys", ())]
    yield from _commas([_column(column) for column in declared])
    if keys:
        yield f"PARTITIONED BY ({', '.join(keys)})"
    yield f"LOCATION '{table['StorageDescriptor'].get('Location', '')}'"
    yield "TBLPROPERTIES ("
    shown = {key: value for key, value in (table.get("Parameters") or {}).items() if "metadata_location" not in key}
    yield from _commas([f"'{key}'='{value}'" for key, value in sorted(shown.items())])


def _column(column: Mapping[str, Any]) -> str:
    comment = str(column.get("Comment") or "").replace("'", "''")
    return f"{column['Name']} {column['Type']}" + (f" COMMENT '{comment}'" if comment else "")


def _transforms(table: Any) -> list[str]:
    """The partition fields as DDL says them: `month(`at`)`."""
    said = []
    for field in table.spec().fields:
        column = f"`{table.schema().find_column_name(field.source_id)}`"
        kind, _, width = str(field.transform).rstrip("]").partition("[")
        said.append(column if kind == "identity" else f"{kind}({width}, {column})" if width else f"{kind}({column})")
    return said


def _commas(lines: Sequence[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield f"  {line}{',' if at < len(lines) - 1 else ')'}"
