"""The whole story of one object: every version, its end, and how it came there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lake.core.arrival import Arrival
from lake.core.batch import Batch
from lake.core.claim import claim_for
from lake.core.entry import Entry
from lake.core.fate import Fate, Recorded, fate_of
from lake.core.planning import VISIBLE
from lake.core.report import ObjectReport, report_from_json
from lake.core.run import Run, result_from_json
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Gone, Objects, read_json
from lake.gateways.registry import Registry


@dataclass(frozen=True, slots=True)
class Chapter:
    """One version. `counts` are its rows in stage A, `set_aside` those that the run's own rules set aside."""

    arrival: Arrival
    fate: Fate
    batch: Batch | None = None
    run: Run | None = None
    counts: ObjectReport | None = None
    set_aside: int = 0

    @property
    def is_in_quarantine(self) -> bool:
        """Whether a reader finds rows of this version in the quarantine."""
        aside = self.set_aside + (self.counts.rows_rejected if self.counts else 0)
        return self.fate.state in ("published", "quarantined") and aside > 0

    @property
    def timeline(self) -> list[tuple[datetime | None, str]]:
        """What happened, in order; the instant where one is kept."""
        events: list[tuple[datetime | None, str]] = [
            (self.arrival.at, f"{self.arrival.kind}, {self.arrival.size} bytes")
        ]
        if self.batch:
            events.append((None, f"batch {self.batch.id}, generation {self.batch.generation}, {self.batch.state}"))
        if self.counts:
            one = self.counts
            events.append((None, f"{one.rows_in} rows read, {one.rows_staged} staged, {one.rows_rejected} set aside"))
        if self.run:
            events.append((self.run.started_at, f"run {self.run.id}, attempt {self.run.attempt}, started"))
            if self.run.ended_at:
                events.append((self.run.ended_at, f"run {self.run.id} {self.run.status}"))
        return [*events, (None, f"{self.fate.state}: {self.fate.reason}" if self.fate.reason else self.fate.state)]


@dataclass(frozen=True, slots=True)
class Story:
    """`dataset` is the one that claims the key, "" where none does. The oldest version comes first."""

    bucket: str
    key: str
    dataset: str
    chapters: tuple[Chapter, ...]


def story_of(ledger: Ledger, registry: Registry, objects: Objects, stage_bucket: str, bucket: str, key: str) -> Story:
    """What the ledger knows of s3://bucket/key; no chapters where it was never announced."""
    claim = claim_for(key, registry.claims())
    chapters = list(_chapters(ledger, objects, stage_bucket, claim.path, bucket, key)) if claim else []
    known = {chapter.arrival.identity for chapter in chapters}
    waiting = [one for one in ledger.unclaimed.under(key) if (one.arrival.bucket, one.arrival.key) == (bucket, key)]
    for one in waiting:
        if one.arrival.identity not in known:
            reason = f"no dataset claims it, since {one.since:%Y-%m-%d %H:%M} UTC"
            chapters.append(Chapter(one.arrival, Fate("unclaimed", reason)))
    chapters.sort(key=lambda chapter: chapter.arrival.identity)
    return Story(bucket, key, claim.path if claim else "", tuple(chapters))


def _chapters(ledger: Ledger, objects: Objects, stage_bucket: str, path: str, bucket: str, key: str) -> list[Chapter]:
    entries = ledger.entries.versions(path, bucket, key)
    batches = ledger.batches.get(path, sorted({one.batch for one in entries if one.batch}))
    runs = {one: ledger.runs.get(path, one) for one in sorted({batch.run for batch in batches.values() if batch.run})}
    chapters = []
    for entry in entries:
        batch = batches.get(entry.batch)
        run = runs.get(batch.run) if batch else None
        counts = _counts(objects, stage_bucket, batch, entry.arrival)
        aside = _set_aside(objects, stage_bucket, run, entry.arrival)
        versions = displacing(entry, entries, batches, runs)
        fate = fate_of(entry.recorded, versions, batch, counts, run, aside)
        chapters.append(Chapter(entry.arrival, fate, batch, run, counts, aside))
    return chapters


def displacing(
    entry: Entry, entries: Sequence[Entry], batches: Mapping[str, Batch], runs: Mapping[str, Run | None]
) -> list[Recorded]:
    """The version itself and those that could have won over it.

    One that is not staged yet displaces nothing. A version that readers see stays until a later run has shown another.
    """
    run = _run_of(entry, batches, runs)
    seen = run is not None and run.status in VISIBLE
    found = [entry.recorded]
    for other in entries:
        batch = batches.get(other.batch)
        if batch is None or batch.state in ("made", "sent"):
            continue
        later = _run_of(other, batches, runs)
        hidden = later is None or later.status not in VISIBLE
        if seen and run is not None and hidden and (later is None or later.number > run.number):
            continue
        found.append(other.recorded)
    return found


def _run_of(entry: Entry, batches: Mapping[str, Batch], runs: Mapping[str, Run | None]) -> Run | None:
    batch = batches.get(entry.batch)
    return runs.get(batch.run) if batch else None


def _counts(objects: Objects, stage_bucket: str, batch: Batch | None, arrival: Arrival) -> ObjectReport | None:
    if batch is None or batch.state in ("made", "sent"):
        return None
    report = report_from_json(read_json(objects, stage_bucket, batch.report_key))
    wanted = (arrival.key, arrival.sequencer)
    return next((one for one in report.objects if (one.key, one.sequencer) == wanted), None)


def _set_aside(objects: Objects, stage_bucket: str, run: Run | None, arrival: Arrival) -> int:
    if run is None or run.status not in VISIBLE:
        return 0
    try:
        result = result_from_json(read_json(objects, stage_bucket, f"{run.folder}/result.json"))
    except Gone:
        return 0
    return sum(
        rows for key, sequencer, rows in result.set_aside if (key, sequencer) == (arrival.key, arrival.sequencer)
    )
