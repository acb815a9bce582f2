"""What DuckDB itself says of the SQL that will run in stage: unknown functions, types that do not meet.

Nothing is executed: statements are bound to empty tables, in a database that cannot reach files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb

from lake.core.contract import PROVENANCE
from lake.light.sql import sql_type
from lakectl.resolve.column import Columns, source_columns, staged_columns
from lakectl.resolve.dataset import Resolved
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.document import Document
from lakectl.specs.finding import Finding
from lakectl.specs.load import Lake, Loaded
from lakectl.specs.text import Text

_ASKED = "DESCRIBE "


def rehearsed(lake: Lake, resolved: list[Resolved]) -> Iterator[Finding]:
    """Findings in the light transforms and stage rules of datasets that are otherwise sound."""
    with duckdb.connect(config={"enable_external_access": "false", "threads": "1"}) as connection:
        connection.execute("SET errors_as_json = true")
        connection.execute("SET lock_configuration = true")
        for one in resolved:
            dataset = lake.datasets[f"{one.spec.team}.{one.spec.dataset}"]
            yield from _light(connection, dataset, one)
            yield from _rules(connection, dataset.document, one)


def _light(connection: duckdb.DuckDBPyConnection, dataset: Loaded[DatasetSpec], one: Resolved) -> Iterator[Finding]:
    if not one.light.sql:
        return
    _make(connection, "source", source_columns(one.spec))
    file = dataset.folder / one.spec.light.sql
    text = Text(file.relative_to(dataset.folder.parents[2]).as_posix(), file.read_text(encoding="utf-8"))
    complaint = _complaint(connection, text.sql)
    if complaint:
        yield text.finding(complaint[1], complaint[0])


def _rules(connection: duckdb.DuckDBPyConnection, document: Document, one: Resolved) -> Iterator[Finding]:
    rules = {rule.dqdl: rule for rule in one.rules if rule.zone == "stage"}
    if rules:
        _make(connection, "staged", staged_columns(one.spec))
    for number, entry in enumerate(one.spec.quality):
        rule = rules.get(entry.rule.strip())
        if rule is None or entry.zone != "stage":
            continue
        condition = rule.predicate or rule.measure
        complaint = _complaint(connection, f"SELECT {condition} FROM staged")  # noqa: S608 - bound, never run
        if complaint:
            yield document.finding(("quality", number, "rule"), complaint[0])


def _make(connection: duckdb.DuckDBPyConnection, view: str, columns: Columns) -> None:
    kinds = [*((column.name, column.type) for column in columns), *((one.name, one.type) for one in PROVENANCE)]
    listed = ", ".join(f'"{name}" {sql_type(kind)}' for name, kind in kinds)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {view} ({listed})")


def _complaint(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, int] | None:
    """The message and the offset in the statement, if DuckDB does not understand it."""
    try:
        connection.execute(f"{_ASKED}{sql}")
    except duckdb.Error as error:
        said = str(error)
        entry = json.loads(said[said.index("{") :]) if "{" in said else {}
        message = str(entry.get("exception_message", said)).splitlines()
        offset = int(entry.get("position", len(_ASKED))) - len(_ASKED)
        return f"DuckDB: {message[0].rstrip('!.')}.", max(0, offset)
    return None
