"""How a person asks Athena: start, wait, read every page; and rows to ask about."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from lakelocal import cloud
from local.conftest import ROOT

RESULTS = "s3://athena-results/out/"
Rows = list[list[str | None]]


@dataclass(frozen=True)
class Asked:
    """One query after its end."""

    execution: dict[str, Any]
    rows: Rows = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        return str(self.execution["Status"]["State"])

    @property
    def reason(self) -> str:
        return str(self.execution["Status"].get("StateChangeReason", ""))

    @property
    def scanned(self) -> int:
        return int(self.execution["Statistics"]["DataScannedInBytes"])

    @property
    def location(self) -> str:
        return str(self.execution["ResultConfiguration"]["OutputLocation"])


def start(athena: Any, sql: str, database: str = "athena_tests", **more: Any) -> str:
    """Start a query; its number."""
    given = {"ResultConfiguration": {"OutputLocation": RESULTS}} | more
    context = {"QueryExecutionContext": {"Database": database}} if database else {}
    return str(athena.start_query_execution(QueryString=sql, **context, **given)["QueryExecutionId"])


def finished(athena: Any, number: str) -> Asked:
    """The query after its end, with its rows if it succeeded."""
    for _ in range(3000):
        execution = athena.get_query_execution(QueryExecutionId=number)["QueryExecution"]
        if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            break
        time.sleep(0.02)
    else:
        raise AssertionError(f"{number} does not end: {execution}")
    if execution["Status"]["State"] != "SUCCEEDED":
        return Asked(execution)
    rows: Rows = []
    columns: list[tuple[str, str]] = []
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=number):
        found = page["ResultSet"]
        columns = [(column["Name"], column["Type"]) for column in found["ResultSetMetadata"]["ColumnInfo"]]
        rows += [[cell.get("VarCharValue") for cell in row["Data"]] for row in found["Rows"]]
    return Asked(execution, rows, columns)


def ask(athena: Any, sql: str, database: str = "athena_tests", **more: Any) -> Asked:
    """Ask and wait."""
    return finished(athena, start(athena, sql, database, **more))


def told(athena: Any, sql: str, **more: Any) -> Rows:
    """The rows of a SELECT without its header; fails with the query's own reason."""
    asked = ask(athena, sql, **more)
    assert asked.state == "SUCCEEDED", asked.reason
    return asked.rows[1:]


def done(athena: Any, sql: str) -> Rows:
    """The lines of a DDL statement; fails with its own reason."""
    asked = ask(athena, sql)
    assert asked.state == "SUCCEEDED", asked.reason
    return asked.rows


def append(running: cloud.Running, csv: str, **where: str) -> None:
    """Append rows to `table="database.name"`, or write them as Parquet to `object="bucket/key"`."""
    facts = {"endpoint": running.endpoint, "account": running.account, "region": running.region, "csv": csv}
    python = cloud.environment_folder(ROOT) / "bin" / "python"
    script = ROOT / "tests" / "local" / "athena_rows.py"
    subprocess.run([python, script], input=json.dumps(facts | where), text=True, check=True, timeout=120)


def fresh(prefix: str) -> str:
    """A name that nothing else has."""
    return f"{prefix}_{uuid.uuid4().hex[:8]}"
