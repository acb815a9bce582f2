"""A view as the Glue catalog keeps it: JSON in base64 in a comment, as Athena and Presto have always written it.

The form is Presto's: https://github.com/prestodb/presto/blob/master/presto-hive-metastore
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakelocal.inside.athena.failure import QueryFailed

CATALOG = "awsdatacatalog"
_BEFORE, _AFTER = "/* Presto View: ", " */"


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view: `type` in Trino's words, `stored` in Hive's."""

    name: str
    type: str
    stored: str


@dataclass(frozen=True, slots=True)
class View:
    """A stored query; `database` stands in where it names none. `columns` are names and Trino's types."""

    database: str
    name: str
    sql: str
    columns: tuple[tuple[str, str], ...]


def is_view(table: Mapping[str, Any]) -> bool:
    return bool(table.get("TableType") == "VIRTUAL_VIEW")


def view_of(table: Mapping[str, Any]) -> View:
    """The view that a Glue table holds. Raises QueryFailed for one that Athena did not write."""
    text = str(table.get("ViewOriginalText") or "").strip()
    where = f"{table.get('DatabaseName')}.{table['Name']}"
    if not (text.startswith(_BEFORE) and text.endswith(_AFTER)):
        raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: {where} is a view of Hive or Spark")
    try:
        kept = json.loads(base64.b64decode(text[len(_BEFORE) : -len(_AFTER)], validate=True))
        columns = tuple((str(column["name"]), str(column["type"])) for column in kept["columns"])
        return View(str(kept.get("schema") or table["DatabaseName"]), str(table["Name"]), kept["originalSql"], columns)
    except (ValueError, KeyError, TypeError) as error:
        raise QueryFailed(f"INVALID_VIEW: the definition of view {where} cannot be read: {error}") from error


def table_input(database: str, name: str, sql: str, columns: Sequence[ViewColumn]) -> dict[str, Any]:
    """What glue:CreateTable gets."""
    kept = {
        "originalSql": sql,
        "catalog": CATALOG,
        "schema": database,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
    }
    encoded = base64.b64encode(json.dumps(kept).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": f"{_BEFORE}{encoded}{_AFTER}",
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": column.name, "Type": column.stored} for column in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }
