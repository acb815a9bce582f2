"""Runs statements, a few at a time, each in a thread of its own, as the caller who started it."""

from __future__ import annotations

import contextvars
import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from lakelocal.inside.athena import (
    create_as,
    dml,
    execution,
    insert,
    maintenance,
    memory,
    prepared,
    results,
    row_change,
    unload,
)
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.define import run_ddl
from lakelocal.inside.athena.execution import Record
from lakelocal.inside.athena.failure import SYSTEM, QueryCancelled, QueryFailed
from lakelocal.inside.athena.printed import VARCHAR, ResultColumn
from lakelocal.inside.athena.request import Accepted
from lakelocal.inside.athena.session import Session, Written
from lakelocal.inside.athena.statement import Query
from lakelocal.inside.athena.stop import Stop
from lakelocal.inside.athena.translate import STOPPED, read_failure

AT_ONCE = 3
_IN_MEMORY = 4 * 2**20
_WRITERS: dict[type, Callable[[Session, Any], Written]] = {
    dml.Insert: insert.run,
    dml.CreateTableAs: create_as.run,
    dml.Unload: unload.run,
    dml.ChangeRows: row_change.run,
    dml.Optimize: maintenance.optimize,
    dml.Vacuum: maintenance.vacuum,
}
logger = logging.getLogger("lakelocal.athena")


class Runner:
    """The engine's threads and the statements that are in them."""

    def __init__(self, spill: Path) -> None:
        self._spill = spill
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="athena")
        self._stops: dict[str, Stop] = {}
        self._quiet = memory.Quiet()

    def start(self, accepted: Accepted, caller: Caller) -> None:
        """Queue a statement."""
        self._stops[accepted.record["QueryExecutionId"]] = Stop()
        self._pool.submit(contextvars.copy_context().run, self._run, accepted, caller)

    def stop(self, record: Record) -> None:
        """Cancel a statement; one that has ended stays as it ended."""
        stop = self._stops.get(record["QueryExecutionId"])
        execution.ended(record, "CANCELLED", time.time(), 0, reason=STOPPED)
        if stop:
            stop.ask()

    def close(self) -> None:
        """Stop all statements and their threads."""
        for stop in list(self._stops.values()):
            stop.ask()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._quiet.close()

    def _run(self, accepted: Accepted, caller: Caller) -> None:
        record = accepted.record
        number = record["QueryExecutionId"]
        began, meter = time.time(), _Meter(accepted.cutoff)
        session = self._session(accepted, caller, meter)
        try:
            session.stop.check()
            execution.started(record)
            done = self._done(record, session, accepted.statement)
            execution.ended(record, "SUCCEEDED", began, meter.bytes, **done)
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
            self._quiet.begins()

    def _session(self, accepted: Accepted, caller: Caller, meter: _Meter) -> Session:
        record = accepted.record
        number = record["QueryExecutionId"]
        database = record["QueryExecutionContext"].get("Database", "")
        stop = self._stops[number]
        return Session(caller, database, self._spill, stop, meter.add, number, accepted.output, accepted.enforced)

    def _done(self, record: Record, session: Session, statement: Any) -> dict[str, Any]:
        """Run it; what its record is to hold."""
        if isinstance(statement, Query):
            return {"columns": self._select(record, session, statement)}
        if isinstance(statement, dml.Dml):
            return _write(record, session, statement)
        if isinstance(statement, prepared.Prepare | prepared.Deallocate):
            prepared.run(session.caller.athena, record["WorkGroup"], statement)
            lines = []
        else:
            lines = run_ddl(session.caller, statement, session.database or "default", self._spill)
        columns = (ResultColumn("result", "string", VARCHAR),) if lines else ()
        _put(record, session.caller, "".join(f"{line}\n" for line in lines).encode(), columns)
        return {"columns": columns}

    def _select(self, record: Record, session: Session, statement: Query) -> tuple[ResultColumn, ...]:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as csv:
            with session.answered(statement.text) as answer:
                results.write_csv(answer, _binary(csv))
            csv.seek(0)
            _put(record, session.caller, csv, answer.columns)
        return answer.columns


def _write(record: Record, session: Session, statement: Any) -> dict[str, Any]:
    """A statement that writes rows leaves a list of its objects where others leave their result."""
    try:
        written = _WRITERS[type(statement)](session, statement)
    except OSError as error:
        raise read_failure(error, "the table") from error
    manifest = f"{session.output}/{session.number}-manifest.csv"
    body = "".join(f"{file}\n" for file in written.files).encode()
    results.put(session.caller, manifest, body, record["ResultConfiguration"].get("EncryptionConfiguration"))
    columns = (ResultColumn("rows", "bigint", 19),)
    return {"columns": columns, "updated": written.rows or 0, "manifest": manifest}


def _put(record: Record, caller: Caller, body: Any, columns: tuple[ResultColumn, ...]) -> None:
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
