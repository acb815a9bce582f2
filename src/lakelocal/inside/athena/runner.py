"""Runs queries, a few at a time, each in a thread of its own, as the caller who started it."""

from __future__ import annotations

import contextvars
import logging
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pyarrow

from lakelocal.inside.athena import execution, results
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.define import run_ddl
from lakelocal.inside.athena.execution import Record
from lakelocal.inside.athena.failure import SYSTEM, QueryCancelled, QueryFailed
from lakelocal.inside.athena.printed import VARCHAR, ResultColumn
from lakelocal.inside.athena.query import Stop, answered
from lakelocal.inside.athena.statement import Query, Statement
from lakelocal.inside.athena.translate import STOPPED

AT_ONCE = 3
_IN_MEMORY = 4 * 2**20
logger = logging.getLogger("lakelocal.athena")


class Runner:
    """The engine's threads and the queries that are in them."""

    def __init__(self, spill: Path) -> None:
        self._spill = spill
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="athena")
        self._stops: dict[str, Stop] = {}

    def start(self, record: Record, statement: Statement, caller: Caller, cutoff: int | None) -> None:
        """Queue a query. `cutoff` is the work group's limit of scanned bytes."""
        number = record["QueryExecutionId"]
        self._stops[number] = Stop()
        self._pool.submit(contextvars.copy_context().run, self._run, record, statement, caller, cutoff)

    def stop(self, record: Record) -> None:
        """Cancel a query; one that has ended stays as it ended."""
        stop = self._stops.get(record["QueryExecutionId"])
        execution.ended(record, "CANCELLED", time.time(), 0, reason=STOPPED)
        if stop:
            stop.ask()

    def close(self) -> None:
        """Stop all queries and their threads."""
        for stop in list(self._stops.values()):
            stop.ask()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, record: Record, statement: Statement, caller: Caller, cutoff: int | None) -> None:
        number = record["QueryExecutionId"]
        stop, began, meter = self._stops[number], time.time(), _Meter(cutoff)
        try:
            stop.check()
            execution.started(record)
            if isinstance(statement, Query):
                columns = self._select(record, statement, caller, stop, meter)
            else:
                columns = self._define(record, statement, caller)
            execution.ended(record, "SUCCEEDED", began, meter.bytes, columns=columns)
        except QueryCancelled as cancelled:
            execution.ended(record, "CANCELLED", began, meter.bytes, reason=cancelled.reason)
        except QueryFailed as failed:
            execution.ended(record, "FAILED", began, meter.bytes, reason=failed.reason, failure=failed)
        except Exception as error:  # a bug of ours must end the query, and must not end the thread
            logger.exception("query %s", number)
            failed = QueryFailed(f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}", SYSTEM)
            execution.ended(record, "FAILED", began, meter.bytes, reason=failed.reason, failure=failed)
        finally:
            self._stops.pop(number, None)
            pyarrow.default_memory_pool().release_unused()

    def _select(
        self, record: Record, statement: Query, caller: Caller, stop: Stop, meter: _Meter
    ) -> tuple[ResultColumn, ...]:
        database = record["QueryExecutionContext"].get("Database", "")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as csv:
            with answered(statement.text, caller, database, self._spill, stop, meter.add) as answer:
                results.write_csv(answer, _binary(csv))
            csv.seek(0)
            self._put(record, caller, csv, answer.columns)
        return answer.columns

    def _define(self, record: Record, statement: Any, caller: Caller) -> tuple[ResultColumn, ...]:
        database = record["QueryExecutionContext"].get("Database", "default")
        lines = run_ddl(caller, statement, database, self._spill)
        columns = (ResultColumn("result", "string", VARCHAR),) if lines else ()
        self._put(record, caller, "".join(f"{line}\n" for line in lines).encode(), columns)
        return columns

    def _put(self, record: Record, caller: Caller, body: Any, columns: tuple[ResultColumn, ...]) -> None:
        output = record["ResultConfiguration"]
        encryption = output.get("EncryptionConfiguration")
        results.put(caller, output["OutputLocation"], body, encryption)
        results.put(caller, f"{output['OutputLocation']}.metadata", results.metadata(columns), encryption)


class _Meter:
    """Adds up what is scanned and objects when it is more than the work group allows."""

    def __init__(self, cutoff: int | None) -> None:
        self.bytes = 0
        self._cutoff = cutoff

    def add(self, scanned: int) -> None:
        self.bytes += scanned
        if self._cutoff is not None and self.bytes > self._cutoff:
            raise QueryCancelled("Query cancelled! : Bytes scanned limit was exceeded")


def _binary(file: Any) -> IO[bytes]:
    return file  # type: ignore[no-any-return]
