"""Prepared statements: PREPARE, EXECUTE, DEALLOCATE, and the question marks that they and requests fill.

The API of prepared statements is MiniStack's; the caller's own client calls it, so that IAM is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from botocore.exceptions import ClientError
from sqlglot import TokenType
from sqlglot.errors import SqlglotError

from lakelocal.inside.athena.catalog import told
from lakelocal.inside.athena.cursor import Cursor
from lakelocal.inside.athena.failure import InvalidRequest


@dataclass(frozen=True, slots=True)
class Prepare:
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Deallocate:
    name: str


def filled(text: str, values: Sequence[str]) -> str:
    """The statement with each `?` replaced by the value of its turn, as SQL.

    Raises InvalidRequest if there are not as many values as question marks.
    """
    places = _places(text)
    if len(places) != len(values):
        raise InvalidRequest(
            f"INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected {len(places)} but found {len(values)}",
            "MALFORMED_QUERY",
        )
    for start, value in reversed(list(zip(places, values, strict=True))):
        text = text[:start] + value + text[start + 1 :]
    return text


def _places(text: str) -> list[int]:
    try:
        tokens = sqlglot.tokenize(text, read="trino")
    except SqlglotError as error:
        raise InvalidRequest(f"line 1:1: mismatched input: {error}", "MALFORMED_QUERY") from error
    return [token.start for token in tokens if token.token_type == TokenType.PLACEHOLDER]


def executed(text: str, values: Sequence[str], lookup: Callable[[str], str]) -> str | None:
    """What an EXECUTE really asks, None for any other statement. `lookup` gives the statement of a name.

    `values` are those of the request; what stands after USING goes before them.
    """
    cursor = Cursor(text)
    if not cursor.take("execute"):
        return None
    name = cursor.literal()
    values = _values(cursor) if cursor.take("using") else values
    cursor.finish()
    return filled(lookup(name), values)


def _values(cursor: Cursor) -> list[str]:
    """The expressions after USING, as written."""
    found = [cursor.expression()]
    while cursor.take(","):
        found.append(cursor.expression())
    return found


def read(cursor: Cursor) -> Prepare | Deallocate | None:
    """PREPARE or DEALLOCATE at the cursor."""
    if cursor.take("prepare"):
        name = cursor.literal()
        cursor.expect("from")
        return Prepare(name, cursor.rest_in_place().strip())
    if cursor.take("deallocate", "prepare"):
        name = cursor.literal()
        cursor.finish()
        return Deallocate(name)
    return None


def statement_text(athena: Any, work_group: str, name: str) -> str:
    """The text of a prepared statement. Raises InvalidRequest if there is none, or if the caller may not read it."""
    try:
        found = athena.get_prepared_statement(StatementName=name, WorkGroup=work_group)
    except ClientError as error:
        raise InvalidRequest(f"PreparedStatement {name} was not found in workGroup {work_group}: {error}") from error
    return str(found["PreparedStatement"]["QueryStatement"])


def run(athena: Any, work_group: str, statement: Prepare | Deallocate) -> None:
    """Keep or forget a statement."""
    try:
        if isinstance(statement, Deallocate):
            athena.delete_prepared_statement(StatementName=statement.name, WorkGroup=work_group)
        else:
            athena.create_prepared_statement(
                StatementName=statement.name, WorkGroup=work_group, QueryStatement=statement.sql
            )
    except ClientError as error:
        raise told(error) from error
