"""What the lake tells others: a batch is staged, objects have ended otherwise than published, a run has ended, rules.

Events are few: one for a batch, a handful for a run, never one for an object. The shape of each is written down in
schemas/events/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

from lake.core.batch import Batch
from lake.core.quality import RuleOutcome
from lake.core.report import ObjectReport
from lake.core.run import Run

Kind = Literal["Batch staged", "Objects ended", "Run ended", "Quality judged"]
MOST = 100
MOST_BYTES = 200_000
"""What one event lists at most; EventBridge takes 256 KB, and a key of 1,024 bytes may be six times that in JSON."""
DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Event:
    """`detail` is plain JSON."""

    kind: Kind
    detail: Mapping[str, Any]


def batch_staged(batch: Batch) -> Event:
    return Event(
        "Batch staged",
        {
            **_of(batch.team, batch.dataset),
            "batch": batch.id,
            "generation": batch.generation,
            "objects": batch.objects,
            "rows_in": batch.rows_in,
            "rows_staged": batch.rows_staged,
            "rows_rejected": batch.rows_rejected,
        },
    )


def objects_ended(batch: Batch, reports: Sequence[ObjectReport]) -> Event:
    """The objects of a batch that are never published: rejected, or gone before they were read."""
    listed = [
        {"key": one.key, "sequencer": one.sequencer, "end": end_of(one), "reason": one.reason} for one in reports[:MOST]
    ]
    about = {"batch": batch.id, "count": len(reports), "objects": _fitting(listed)}
    return Event("Objects ended", {**_of(batch.team, batch.dataset), **about})


def end_of(report: ObjectReport) -> Literal["superseded", "rejected"]:
    """How an object ends that has a reason."""
    return "superseded" if report.reason == DELETED else "rejected"


def run_ended(run: Run) -> Event:
    return Event(
        "Run ended",
        {
            **_of(run.team, run.dataset),
            "run": run.id,
            "attempt": run.attempt,
            "status": run.status,
            "rows_published": run.rows_published,
            "rows_quarantined": run.rows_quarantined,
            "snapshot": run.snapshot,
            "message": run.message,
        },
    )


def quality_judged(team: str, dataset: str, judged: Mapping[str, str], rules: Sequence[RuleOutcome]) -> Event:
    """`judged` names what the rules were asked of: {"batch": …} or {"run": …}."""
    failed = [one for one in rules if one.outcome == "failed"]
    listed = [
        {
            "rule": one.rule,
            "dqdl": one.dqdl,
            "zone": one.zone,
            "on_fail": one.on_fail,
            "outcome": one.outcome,
            "failed_rows": one.failed_rows,
        }
        for one in [*failed, *(one for one in rules if one.outcome != "failed")][:MOST]
    ]
    about = {**judged, "passed": not failed, "count": len(rules), "rules": _fitting(listed)}
    return Event("Quality judged", {**_of(team, dataset), **about})


def _fitting(listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As many from the start as fit."""
    sizes = accumulate(len(json.dumps(one, ensure_ascii=False).encode()) for one in listed)
    return [one for one, size in zip(listed, sizes, strict=True) if size <= MOST_BYTES]


def _of(team: str, dataset: str) -> dict[str, str]:
    return {"team": team, "dataset": dataset}
