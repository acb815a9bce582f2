"""What a statement is: a query, DDL as a value, or something that this engine refuses by name."""

from __future__ import annotations

from dataclasses import dataclass

from lakelocal.inside.athena import ddl_parse
from lakelocal.inside.athena.cursor import Cursor
from lakelocal.inside.athena.ddl import Ddl, Show
from lakelocal.inside.athena.failure import InvalidRequest, not_built

_REFUSED = {
    ("insert",): "INSERT",
    ("merge",): "MERGE",
    ("update",): "UPDATE",
    ("delete",): "DELETE",
    ("unload",): "UNLOAD",
    ("optimize",): "OPTIMIZE",
    ("vacuum",): "VACUUM",
    ("prepare",): "PREPARE",
    ("execute",): "EXECUTE",
    ("deallocate",): "DEALLOCATE",
    ("explain",): "EXPLAIN",
    ("msck",): "MSCK REPAIR TABLE",
    ("create", "protected"): "CREATE PROTECTED MULTI DIALECT VIEW",
}
_INSTEAD = {
    "MSCK REPAIR TABLE": "Register the partitions with ALTER TABLE ADD PARTITION or glue:CreatePartition.",
    "EXECUTE": "Put the values into the query.",
    "PREPARE": "Put the values into the query.",
}
_WRITES = "Rows of a table are written by its Spark job."


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT, as written."""

    text: str


Statement = Query | Ddl


def statement_of(text: str) -> Statement:
    """Read one statement. Raises InvalidRequest, as Athena does at StartQueryExecution."""
    cursor = Cursor(text)
    if cursor.done:
        raise InvalidRequest("line 1:1: mismatched input '<EOF>'", "MALFORMED_QUERY")
    for words, name in _REFUSED.items():
        if cursor.looks_at(*words):
            writes = name in ("INSERT", "MERGE", "UPDATE", "DELETE", "UNLOAD")
            raise not_built(name, _WRITES if writes else _INSTEAD.get(name, ""))
    if any(cursor.looks_at(word) for word in ("select", "with", "values", "table", "(")):
        return Query(text)
    return ddl_parse.read(cursor)


def kind_of(statement: Statement) -> str:
    """Athena's StatementType."""
    if isinstance(statement, Query):
        return "DML"
    return "UTILITY" if isinstance(statement, Show) else "DDL"
