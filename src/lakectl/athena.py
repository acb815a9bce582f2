"""Ask Athena, as any client does, and read the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lakectl.failure import Failure
from lakectl.question import Question, question
from lakectl.target import Target

WHOLE = ("tinyint", "smallint", "integer", "int", "bigint")
FRACTION = ("double", "float", "real")


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of typed values, by column; decimals, dates and timestamps stay text, as Athena gives them.

    `more` says that there are rows that were not fetched.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    more: bool
    scanned_bytes: int
    seconds: float


class Refused(Failure):
    """Athena's own words about a question."""


def ask(target: Target, sql: str, teams: set[str], most: int | None = None) -> Answer:
    """Run a query in the work group of the first team that it names, `<team>.<table>` resolved.

    No more than `most` rows are fetched. Raises Refused with Athena's own words.
    """
    asked = question(sql, teams, target.domain, target.environment)
    asked.check()
    if not teams:
        raise Failure("There is no team in team/, and so no table to ask. Write its first one: team/<team>.yaml.")
    team = asked.tables[0][0] if asked.tables else min(teams)
    client = target.client("athena")
    started = _start(client, asked, target, team)
    found = _wait(client, started, 0.05 if target.local else 0.5)
    status = found["Status"]
    if status["State"] != "SUCCEEDED":
        raise Refused(f"Athena: {asked.said(status.get('StateChangeReason', status['State']))}")
    columns, rows, more = _results(client, started, most)
    statistics = found.get("Statistics", {})
    return Answer(
        columns,
        rows,
        more,
        statistics.get("DataScannedInBytes", 0),
        statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
    )


def _start(client: Any, asked: Question, target: Target, team: str) -> str:
    database, group = (target.setting("team", team, thing) for thing in ("database", "workgroup"))
    try:
        started = client.start_query_execution(
            QueryString=asked.resolved, QueryExecutionContext={"Database": database}, WorkGroup=group
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRequestException":
            raise
        raise Refused(f"Athena: {asked.said(error.response['Error'].get('Message', ''))}") from error
    return str(started["QueryExecutionId"])


def _wait(client: Any, query: str, pause: float) -> Any:
    try:
        while True:
            found = client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            time.sleep(pause)
    except KeyboardInterrupt:
        client.stop_query_execution(QueryExecutionId=query)
        raise


def _results(client: Any, query: str, most: int | None) -> tuple[tuple[str, ...], tuple[dict[str, Any], ...], bool]:
    """Names, rows, and whether rows were left where they are."""
    columns: list[tuple[str, str]] = []
    rows: list[dict[str, Any]] = []
    for page in client.get_paginator("get_query_results").paginate(QueryExecutionId=query):
        results = page["ResultSet"]
        first = not columns
        columns = [(info["Name"], info["Type"]) for info in results["ResultSetMetadata"]["ColumnInfo"]]
        for number, row in enumerate(results["Rows"]):
            cells = [cell.get("VarCharValue") for cell in row["Data"]]
            if first and number == 0 and cells == [name for name, _ in columns]:
                continue
            rows.append({name: _typed(cell, kind) for (name, kind), cell in zip(columns, cells, strict=False)})
        if most is not None and len(rows) > most:
            break
    kept = rows if most is None else rows[:most]
    return tuple(name for name, _ in columns), tuple(kept), len(kept) < len(rows)


def _typed(cell: str | None, kind: str) -> object:
    if cell is None:
        return None
    if kind in WHOLE:
        return int(cell)
    if kind in FRACTION:
        return float(cell)
    return cell == "true" if kind == "boolean" else cell
