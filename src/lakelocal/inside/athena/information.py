"""`information_schema`: what the Glue catalog holds, as tables, with the caller's own permissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.schema import Schema
from pyiceberg.types import NestedField
from sqlglot import exp

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.iceberg_type import iceberg_type
from lakelocal.inside.athena.source import Scan
from lakelocal.inside.athena.type_name import trino_name
from lakelocal.inside.athena.view import CATALOG, is_view, view_of

SCHEMA = "information_schema"
_TEXT, _NUMBER = pa.string(), pa.int64()
TABLES: Mapping[str, Mapping[str, pa.DataType]] = {
    "schemata": {"catalog_name": _TEXT, "schema_name": _TEXT},
    "tables": {"table_catalog": _TEXT, "table_schema": _TEXT, "table_name": _TEXT, "table_type": _TEXT},
    "views": {"table_catalog": _TEXT, "table_schema": _TEXT, "table_name": _TEXT, "view_definition": _TEXT},
    "columns": {
        "table_catalog": _TEXT,
        "table_schema": _TEXT,
        "table_name": _TEXT,
        "column_name": _TEXT,
        "ordinal_position": _NUMBER,
        "column_default": _TEXT,
        "is_nullable": _TEXT,
        "data_type": _TEXT,
    },
}


@dataclass(frozen=True)
class Information:
    """One table of information_schema."""

    caller: Caller
    name: str

    @cached_property
    def columns(self) -> Mapping[str, pa.DataType]:
        if self.name not in TABLES:
            known = ", ".join(sorted(TABLES))
            raise QueryFailed(f"TABLE_NOT_FOUND: Table '{CATALOG}.{SCHEMA}.{self.name}' does not exist. Known: {known}")
        return TABLES[self.name]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(self.columns.items()))

    def scan(self, wanted: Sequence[str], filters: Sequence[exp.Expression], version: exp.Version | None) -> Scan:
        if version is not None:
            raise QueryFailed("NOT_SUPPORTED: time travel needs an Iceberg table")
        rows = pa.Table.from_pylist(list(self._rows(_databases(filters))), self.schema).select(list(wanted))
        count = sum(1 for _ in self._rows(_databases(filters))) if not wanted else None
        return Scan(0, count, rows.schema, iter(rows.to_batches()))

    def _rows(self, only: set[str] | None) -> Iterator[dict[str, Any]]:
        for database in self._databases(only):
            if self.name == "schemata":
                yield {"catalog_name": CATALOG, "schema_name": database}
                continue
            for page in self.caller.glue.get_paginator("get_tables").paginate(DatabaseName=database):
                for table in page["TableList"]:
                    yield from self._of_table(database, table)

    def _databases(self, only: set[str] | None) -> Iterator[str]:
        for page in self.caller.glue.get_paginator("get_databases").paginate():
            for database in page["DatabaseList"]:
                if only is None or database["Name"] in only:
                    yield str(database["Name"])

    def _of_table(self, database: str, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        named = {"table_catalog": CATALOG, "table_schema": database, "table_name": table["Name"]}
        if self.name == "tables":
            yield named | {"table_type": "VIEW" if is_view(table) else "BASE TABLE"}
        elif self.name == "views" and is_view(table):
            yield named | {"view_definition": view_of(dict(table) | {"DatabaseName": database}).sql}
        elif self.name == "columns":
            for number, (column, kind) in enumerate(_columns(table), 1):
                told = {"column_name": column, "ordinal_position": number, "column_default": None}
                yield named | told | {"is_nullable": "YES", "data_type": kind}


def _databases(filters: Sequence[exp.Expression]) -> set[str] | None:
    """The databases that `table_schema = '…'` and its like leave over; None for all."""
    for part in filters:
        column = part.this
        if not isinstance(column, exp.Column) or column.name.lower() not in ("table_schema", "schema_name"):
            continue
        values = part.expressions if isinstance(part, exp.In) else [part.args.get("expression")]
        if isinstance(part, exp.EQ | exp.In) and values and all(isinstance(one, exp.Literal) for one in values):
            return {one.name for one in values}
    return None


def _columns(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if is_view(table):
        yield from view_of(dict(table) | {"DatabaseName": ""}).columns
        return
    for column in (*table["StorageDescriptor"].get("Columns", ()), *table.get("PartitionKeys", ())):
        if (column.get("Parameters") or {}).get("iceberg.field.current", "true") == "true":
            yield str(column["Name"]), trino_type_of(str(column["Type"]))


def trino_type_of(hive: str) -> str:
    """Trino's name of a type of the Glue catalog; Hive's own where we do not read it."""
    if hive in ("tinyint", "smallint") or hive.startswith(("varchar", "char")):
        return hive
    try:
        schema = schema_to_pyarrow(Schema(NestedField(1, "c", iceberg_type(hive))), include_field_ids=False)
    except QueryFailed:
        return hive
    return trino_name(schema.field(0).type)
