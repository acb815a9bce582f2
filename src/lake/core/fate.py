"""The five ends of an object version, derived: object → batch → run."""

from __future__ import annotations

from dataclasses import dataclass

from lake.core.batch import Batch
from lake.core.report import ObjectReport
from lake.core.run import Run

ENDS = ("published", "quarantined", "rejected", "superseded", "ignored")
WAITING = ("unclaimed", "batched", "staged", "dead-lettered")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An object version as the ledger keeps it: its batch, and an end where that was exceptional."""

    sequencer: str
    kind: str
    batch: str = ""
    end: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """Where an object version stands: one of ENDS or WAITING, and why, in a sentence's words."""

    state: str
    reason: str = ""


def winner(versions: list[Recorded]) -> Recorded | None:
    """The version that counts for a key: the newest that could be read. A rejected or ignored one displaces nothing."""
    readable = [version for version in versions if version.end not in ("rejected", "ignored", "superseded")]
    return max(readable, key=lambda version: version.sequencer, default=None)


def fate_of(
    version: Recorded,
    versions: list[Recorded],
    batch: Batch | None,
    report: ObjectReport | None,
    run: Run | None,
    set_aside: int = 0,
) -> Fate:
    """`set_aside` is the number of this version's rows that the run's analytics rules set aside."""
    if version.end:
        return Fate(version.end, version.reason)
    newest = winner(versions)
    if newest is not None and newest.sequencer > version.sequencer:
        won = "a delete" if newest.kind == "delete" else "a newer version"
        return Fate("superseded", f"{won} of the same key won")
    if batch is None or batch.state in ("made", "sent"):
        return Fate("batched", "waits for stage A")
    if run is None or run.status in ("started", "failed"):
        return Fate("staged", "waits for a run" if run is None else f"run {run.id} has {run.status}")
    if version.kind == "delete":
        return Fate("published", "its key's rows have left the table")
    if run.status in ("set aside", "halted"):
        return Fate("quarantined", f"run {run.id} was {run.status}: {run.message}")
    rows = (report.rows_staged if report else 0) - set_aside
    aside = (report.rows_rejected if report else 0) + set_aside
    if rows <= 0 and aside:
        return Fate("quarantined", f"all {aside} rows were set aside")
    return Fate("published", f"{rows} rows published" + (f", {aside} set aside" if aside else ""))
