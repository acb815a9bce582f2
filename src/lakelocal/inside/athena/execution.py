"""The record of one query, kept where MiniStack keeps its own, so that it survives a restart."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lakelocal.inside.athena.failure import QueryFailed

if TYPE_CHECKING:
    from lakelocal.inside.athena.printed import ResultColumn

Record = dict[str, Any]
TERMINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
ENGINE_VERSION = {
    "SelectedEngineVersion": "Athena engine version 3",
    "EffectiveEngineVersion": "Athena engine version 3",
}


def new_record(
    number: str, text: str, kind: str, output: Mapping[str, Any], context: Mapping[str, str], work_group: str
) -> Record:
    """A query that waits. All its keys are there from the start: other threads read it while we write."""
    return {
        "QueryExecutionId": number,
        "Query": text,
        "StatementType": kind,
        "ManagedQueryResultsConfiguration": {"Enabled": False},
        "ResultConfiguration": dict(output),
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": dict(context),
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": _statistics(time.time(), None, time.time(), 0),
        "WorkGroup": work_group,
        "EngineVersion": dict(ENGINE_VERSION),
        "SubstatementType": text.split(None, 1)[0].upper()[:32],
        "_columns": [],
    }


def started(record: Record) -> None:
    record["Status"] = record["Status"] | {"State": "RUNNING"}


def ended(
    record: Record,
    state: str,
    began: float,
    scanned: int,
    *,
    reason: str | None = None,
    failure: QueryFailed | None = None,
    columns: tuple[ResultColumn, ...] = (),
    updated: int | None = None,
    manifest: str | None = None,
) -> None:
    """The end; the first one counts. `updated` rows were written to the objects that the `manifest` lists."""
    if record["Status"]["State"] in TERMINAL:
        return
    now = time.time()
    record["Statistics"] = _statistics(record["Status"]["SubmissionDateTime"], began, now, scanned)
    if manifest:
        record["Statistics"]["DataManifestLocation"] = manifest
    record["_columns"] = [column.stored() for column in columns]
    record["_updated"] = updated
    status = record["Status"] | {"State": state, "CompletionDateTime": now}
    if reason:
        status["StateChangeReason"] = reason
    if failure:
        status["AthenaError"] = failure.described()
    record["Status"] = status


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """What GetQueryExecution tells."""
    return {key: value for key, value in record.items() if not key.startswith("_")}


def _statistics(submitted: float, began: float | None, ended: float, scanned: int) -> dict[str, Any]:
    began = ended if began is None else began
    return {
        "EngineExecutionTimeInMillis": round((ended - began) * 1000),
        "DataScannedInBytes": scanned,
        "TotalExecutionTimeInMillis": round((ended - submitted) * 1000),
        "QueryQueueTimeInMillis": round((began - submitted) * 1000),
        "ServicePreProcessingTimeInMillis": 0,
        "QueryPlanningTimeInMillis": 0,
        "ServiceProcessingTimeInMillis": 0,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
