"""The light transform of one batch: objects in, one staged and one rejected Parquet file out, every row counted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lake.core.dataset import Dataset
from lake.core.errors import SpecError
from lake.core.report import BatchReport, ObjectReport
from lake.light.aside import write_rejected
from lake.light.crew import Crew
from lake.light.formats import READERS
from lake.light.pipeline import Pipeline
from lake.light.rowgroups import move_or_join
from lake.light.rules import enforced, outcomes
from lake.light.source import Source
from lake.light.stage import Staged
from lake.light.texts import Refused
from lake.light.transform import bound

MOST_ENGINES = 4


def convert(
    sources: Sequence[Source],
    dataset: Dataset,
    batch_id: str,
    staged: Path,
    rejected: Path,
    scratch: Path,
    engines: int = 0,
) -> BatchReport:
    """Stage a batch: rows under `dataset.staged` with their provenance go to `staged`, the others to `rejected`.

    A cell arrives as declared, or its row is set aside with line and reason; an object that cannot be read, or breaks
    its contract as a whole, is reported with a reason and gives no row. A file without rows is not written. The same
    sources give the same bytes, whatever `engines` is (0: one for each processor). `scratch` is a folder of ours
    alone, for what must be unpacked or spilled.
    """
    if dataset.source.format not in READERS:
        known = ", ".join(sorted(READERS))
        raise SpecError(f"source.format {dataset.source.format!r} of {dataset.path} is not built yet; known: {known}")
    if not sources:
        return BatchReport(())
    day = max(source.ingested_at for source in sources).date()
    pipeline = Pipeline(dataset, sources, batch_id, enforced(dataset, day), dataset.schema, dataset.light.sql)
    size = engines or min(os.cpu_count() or 1, MOST_ENGINES)
    with Crew(size, sources, scratch, (staged, rejected)) as crew:
        with crew.engine() as engine:
            pipeline = bound(engine, pipeline)
        tally = Tally()
        for answer in READERS[dataset.source.format](crew, pipeline):
            tally.take(answer)
        with crew.engine() as engine:
            rules = outcomes(engine, dataset, day, tally.files, tally.broken)
            failed = [one for one in rules if one.outcome == "failed" and _is_set_rule(dataset, one.rule)]
            if any(one.on_fail != "warn" for one in failed):
                reason = f"the batch breaks {'; '.join(one.dqdl for one in failed if one.on_fail != 'warn')}"
                return BatchReport(_all_refused(sources, tally, reason), rules)
            move_or_join(tally.files, staged)
            write_rejected(engine, tally.asides, batch_id, rejected)
    return BatchReport(tuple(tally.report(place, source) for place, source in enumerate(sources)), rules)


@dataclass(slots=True)
class Tally:
    """What the parts of a batch add up to."""

    files: list[Path] = field(default_factory=list)
    asides: list[Path] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)
    rows_in: dict[int, int] = field(default_factory=dict)
    kept: dict[int, int] = field(default_factory=dict)
    rejected: dict[int, int] = field(default_factory=dict)

    def take(self, answer: Staged | Refused) -> None:
        if isinstance(answer, Refused):
            self.refused[answer.source] = answer
            return
        self.files += [answer.file] if answer.file else []
        self.asides += [answer.aside] if answer.aside else []
        for total, part in ((self.rows_in, answer.rows_in), (self.kept, answer.kept), (self.rejected, answer.rejected)):
            for place, count in part.items():
                total[place] = total.get(place, 0) + count
        for rule, count in answer.broken.items():
            self.broken[rule] = self.broken.get(rule, 0) + count

    def report(self, place: int, source: Source) -> ObjectReport:
        if refused := self.refused.get(place):
            return ObjectReport(source.key, source.sequencer, reason=refused.reason, message=refused.message)
        rows, kept, rejected = (counts.get(place, 0) for counts in (self.rows_in, self.kept, self.rejected))
        return ObjectReport(source.key, source.sequencer, rows, kept, rejected, rows - kept - rejected)


def _is_set_rule(dataset: Dataset, rule: str) -> bool:
    return any(one.id == rule and one.kind == "set" for one in dataset.rules)


def _all_refused(sources: Sequence[Source], tally: Tally, message: str) -> tuple[ObjectReport, ...]:
    """A failed set rule speaks of the batch, so it takes every object of it."""
    return tuple(
        tally.report(place, source)
        if place in tally.refused
        else ObjectReport(source.key, source.sequencer, reason="QUALITY", message=message)
        for place, source in enumerate(sources)
    )
