"""StartQueryExecution: a request becomes a statement and the record of its execution."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakelocal.inside.athena import dml, execution, prepared, work_group
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.execution import Record
from lakelocal.inside.athena.failure import InvalidRequest
from lakelocal.inside.athena.statement import Query, Statement, kind_of, statement_of

_FILLED = re.compile(r"\s*(select|with|values|insert|delete|update|merge|unload|\()", re.IGNORECASE)
"""Statements in which a question mark is a parameter."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement that may run. `output` is the folder of its results, `cutoff` the bytes that it may scan."""

    record: Record
    statement: Statement
    output: str
    enforced: bool
    cutoff: int | None


def accepted(given: Mapping[str, Any], caller: Caller) -> Accepted:
    """Read and check a request. Raises InvalidRequest."""
    name = str(given.get("WorkGroup") or "primary")
    settings = work_group.settings_of(name)
    text = str(given.get("QueryString") or "")
    statement = statement_of(_effective(given, caller, name))
    number = str(uuid.uuid4())
    output = work_group.output(given, settings)
    work_group.check_output(caller, output["OutputLocation"])
    folder = output["OutputLocation"].rstrip("/")
    output["OutputLocation"] = _location(folder, number, statement)
    record = execution.new_record(number, text, kind_of(statement), output, _context(given), name)
    record["_token"] = given.get("ClientRequestToken")
    if given.get("ExecutionParameters"):
        record["ExecutionParameters"] = list(given["ExecutionParameters"])
    return Accepted(record, statement, folder, work_group.enforced(settings), work_group.cutoff(settings))


def _effective(given: Mapping[str, Any], caller: Caller, group: str) -> str:
    """The SQL with its parameters filled in."""
    text, values = str(given.get("QueryString") or ""), list(given.get("ExecutionParameters") or ())
    found = prepared.executed(text, values, lambda name: prepared.statement_text(caller.athena, group, name))
    if found is not None:
        return found
    return prepared.filled(text, values) if values or ("?" in text and _FILLED.match(text)) else text


def _location(folder: str, number: str, statement: Statement) -> str:
    if isinstance(statement, Query):
        return f"{folder}/{number}.csv"
    if isinstance(statement, dml.CreateTableAs):
        return f"{folder}/tables/{number}"
    return f"{folder}/{number}" if isinstance(statement, dml.Dml) else f"{folder}/{number}.txt"


def _context(given: Mapping[str, Any]) -> dict[str, str]:
    context = given.get("QueryExecutionContext") or {}
    if str(context.get("Catalog") or "AwsDataCatalog").lower() != "awsdatacatalog":
        raise InvalidRequest(f"NOT_SUPPORTED: not built in the local Athena: the catalog {context['Catalog']}")
    kept = {"Database": str(context["Database"]).lower()} if context.get("Database") else {}
    return kept | {"Catalog": "awsdatacatalog"}
