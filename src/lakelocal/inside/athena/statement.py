"""What a statement is: a query, DDL or a change of rows as a value, or something that this engine refuses by name."""

from __future__ import annotations

from dataclasses import dataclass

from lakelocal.inside.athena import ddl_parse, dml, dml_parse, prepared, rewrite, row_change
from lakelocal.inside.athena.cursor import Cursor
from lakelocal.inside.athena.ddl import Ddl, Show
from lakelocal.inside.athena.failure import InvalidRequest, not_built

REFUSED = {
    ("explain",): ("EXPLAIN", "Ask the query itself; GetQueryExecution tells the bytes that it scanned."),
    ("create", "protected"): ("CREATE PROTECTED MULTI DIALECT VIEW", "Use CREATE VIEW."),
    ("create", "function"): ("CREATE FUNCTION", ""),
    ("using", "external"): ("USING EXTERNAL FUNCTION", ""),
    ("show", "functions"): ("SHOW FUNCTIONS", "docs/athena.md lists them."),
}
"""Statements of Athena that are not built, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT, as written."""

    text: str


Statement = Query | Ddl | dml.Dml | prepared.Prepare | prepared.Deallocate


def statement_of(text: str) -> Statement:
    """Read one statement. Raises InvalidRequest, as Athena does at StartQueryExecution."""
    cursor = Cursor(text)
    if cursor.done:
        raise InvalidRequest("line 1:1: mismatched input '<EOF>'", "MALFORMED_QUERY")
    for words, (name, instead) in REFUSED.items():
        if cursor.looks_at(*words):
            raise not_built(name, instead)
    if any(cursor.looks_at(word) for word in ("select", "with", "values", "table", "(")):
        rewrite.parse(text)
        return Query(text)
    found = dml_parse.read(cursor) or prepared.read(cursor)
    if found is None:
        return ddl_parse.read(cursor)
    _check(found)
    return found


def _check(statement: Statement) -> None:
    """Raise InvalidRequest if the query inside a statement cannot be read."""
    if isinstance(statement, dml.Insert | dml.CreateTableAs | dml.Unload):
        rewrite.parse(statement.sql)
    elif isinstance(statement, dml.ChangeRows):
        row_change.parse(statement.sql)
    elif isinstance(statement, prepared.Prepare):
        statement_of(statement.sql)


def kind_of(statement: Statement) -> str:
    """Athena's StatementType."""
    if isinstance(statement, Query | dml.Dml):
        return "DML"
    return "UTILITY" if isinstance(statement, Show) else "DDL"
