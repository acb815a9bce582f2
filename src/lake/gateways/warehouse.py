"""The warehouse: runs one statement of SQL to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from lake.core.errors import LakeError, TryAgain
from lake.gateways.trouble import asking

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
LONGEST_WAIT = 300.0


class StatementFailed(LakeError):
    """The warehouse could not run a statement; the message holds its words."""


class Warehouse(Protocol):
    def run(self, statement: str, group: str) -> None:
        """Run one statement in a work group to its end. Raises StatementFailed."""


class AthenaWarehouse:
    def __init__(self, client: AthenaClient, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def run(self, statement: str, group: str) -> None:
        with asking(f"starting a statement in work group {group}"):
            started = self._client.start_query_execution(QueryString=statement, WorkGroup=group)
        self._finish(started["QueryExecutionId"], statement, group)

    def _finish(self, query: str, statement: str, group: str) -> None:
        waited, pause = 0.0, FIRST_PAUSE
        while waited < LONGEST_WAIT:
            with asking(f"following query {query}"):
                status = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] in ("FAILED", "CANCELLED"):
                reason = status.get("StateChangeReason", status["State"])
                raise StatementFailed(f"Athena query {query} in work group {group}: {reason} — {_start(statement)}")
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, LONGEST_PAUSE)
        raise TryAgain(f"Athena query {query} in work group {group} has not ended after {LONGEST_WAIT:.0f} s")


class MemoryWarehouse:
    """`statements` holds what was run."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, str]] = []

    def run(self, statement: str, group: str) -> None:
        self.statements.append((statement, group))


def _start(statement: str) -> str:
    return " ".join(statement.split())[:120]
