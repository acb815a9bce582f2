"""Stage A: one batch becomes one file of checked rows in stage, or the reasons why not.

The same flow runs in a function and on a larger machine; a function hands on what is beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from lake.core.arrival import Arrival
from lake.core.batch import Batch
from lake.core.dataset import Dataset
from lake.core.errors import LakeError, Rejected
from lake.core.event import DELETED, batch_staged, end_of, objects_ended, quality_judged
from lake.core.large import LARGEST, execution_name, needs_larger
from lake.core.manifest import manifest_from_json
from lake.core.report import BatchReport, ObjectReport, report_to_json
from lake.flows.notice import notice
from lake.flows.outbox import stage_a_message
from lake.gateways.events import Events
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Gone, Objects, json_bytes, read_json
from lake.gateways.queues import Queues
from lake.gateways.registry import Registry, dataset_of
from lake.gateways.workflow import Workflow

READERS = 8


class UnknownBatch(LakeError):
    """A message names a batch that the ledger does not have."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One object of the batch on local disk."""

    path: Path
    arrival: Arrival


class Convert(Protocol):
    """The light engine, as a role: rows out of files."""

    def __call__(
        self, fetched: Sequence[Fetched], dataset: Dataset, batch_id: str, staged: Path, rejected: Path, scratch: Path
    ) -> BatchReport:
        """Write both files, each unless it would be empty. The same input gives the same bytes."""


@dataclass(frozen=True, slots=True)
class StageA:
    """`largest` is how many bytes of one object this machine reads. Where there is a `larger` machine, a batch with
    an object beyond that, or of a format for it alone, is staged there; where there is none, the object is set aside.
    """

    ledger: Ledger
    registry: Registry
    objects: Objects
    queues: Queues
    events: Events
    convert: Convert
    stage_bucket: str
    next_queue: str
    largest: int = LARGEST
    larger: Workflow | None = None

    def stage(self, path: str, batch_id: str, generation: int) -> None:
        """Stage one generation of a batch and say so; what is staged already is only said again."""
        batch = self.ledger.batches.get(path, [batch_id]).get(batch_id)
        if batch is None:
            raise UnknownBatch(f"Batch {batch_id} of {path} is not in the ledger. Run `lake reconcile {path}`.")
        if generation != batch.generation:
            notice("stale generation", dataset=path, batch=batch_id, generation=generation, counts=batch.generation)
            return
        if batch.state in ("made", "sent") and not self._stage(batch):
            return
        self.queues.send(self.next_queue, [staged_message(batch)])

    def _tell(self, batch: Batch, report: BatchReport) -> None:
        """Tell the bus before the ledger: a worker that dies in between comes back and tells again."""
        told = [batch_staged(batch)]
        if ended := [one for one in report.objects if one.reason]:
            told.append(objects_ended(batch, ended))
        if report.rules:
            told.append(quality_judged(batch.team, batch.dataset, {"batch": batch.id}, report.rules))
        self.events.tell(told)

    def _stage(self, batch: Batch) -> bool:
        """Whether the batch is staged now; if not, the larger machine has it and will say so."""
        members = manifest_from_json(read_json(self.objects, self.stage_bucket, batch.manifest_key))
        dataset = dataset_of(self.registry, batch.path, batch.config)
        if self.larger is not None and needs_larger(members, dataset.source.format, self.largest):
            self._hand_on(batch, self.larger)
            return False
        report = self._convert(batch, dataset, members)
        self._end_all(batch, members, report)
        after = replace(
            batch,
            state="staged",
            objects=len(members),
            rows_in=report.rows_in,
            rows_staged=report.rows_staged,
            rows_rejected=report.rows_rejected,
        )
        self._tell(after, report)
        counts = self.ledger.batches.move(after, "made", "sent")
        notice(
            "batch staged" if counts else "batch was staged by another worker",
            dataset=batch.path,
            batch=batch.id,
            rows_in=report.rows_in,
            rows_staged=report.rows_staged,
            rows_rejected=report.rows_rejected,
        )
        return True

    def _hand_on(self, batch: Batch, larger: Workflow) -> None:
        """Start the larger machine once for each attempt; the next one where the last has failed."""
        for attempt in count(1):
            name = execution_name(batch, attempt)
            standing = larger.standing(name)
            if standing == "unknown":
                larger.start(name, stage_a_message(batch))
            if standing != "failed":
                notice("batch is staged on the larger machine", dataset=batch.path, batch=batch.id, execution=name)
                return

    def _convert(self, batch: Batch, dataset: Dataset, members: Sequence[Arrival]) -> BatchReport:
        with TemporaryDirectory(prefix="stage-a-") as folder:
            place = Path(folder)
            fetched, missing = self._fetch([one for one in members if one.kind == "put"], place)
            report = BatchReport(())
            if fetched:
                report = self._convert_files(batch, dataset, fetched, place)
            report = replace(report, objects=(*report.objects, *missing))
        self.objects.write(self.stage_bucket, batch.report_key, json_bytes(report_to_json(report)))
        return report

    def _convert_files(self, batch: Batch, dataset: Dataset, fetched: list[Fetched], place: Path) -> BatchReport:
        staged, rejected, scratch = place / "staged.parquet", place / "rejected.parquet", place / "scratch"
        scratch.mkdir()
        report = self.convert(fetched, dataset, batch.id, staged, rejected, scratch)
        for file, key in ((staged, batch.staged_key), (rejected, batch.rejected_key)):
            if file.exists():
                self.objects.store(self.stage_bucket, key, file)
        return report

    def _fetch(self, puts: Sequence[Arrival], place: Path) -> tuple[list[Fetched], list[ObjectReport]]:
        """The objects on disk, named by number and never by key, and a report on each that could not be had."""

        def one(number: int, arrival: Arrival) -> Fetched | ObjectReport:
            return self._fetch_one(arrival, place / f"object-{number:06d}")

        with ThreadPoolExecutor(READERS) as readers:
            got = list(readers.map(one, range(len(puts)), puts))
        return [one for one in got if isinstance(one, Fetched)], [one for one in got if isinstance(one, ObjectReport)]

    def _fetch_one(self, arrival: Arrival, to: Path) -> Fetched | ObjectReport:
        if arrival.size > self.largest:
            message = (
                f"{arrival.size} bytes; at most {self.largest} are read. Split the object and put its parts, "
                "or give stage A a larger worker in pipelines/."
            )
            return ObjectReport(arrival.key, arrival.sequencer, reason="TOO_LARGE", message=message)
        try:
            self.objects.fetch(arrival, to)
        except Gone as gone:
            return ObjectReport(arrival.key, arrival.sequencer, reason=DELETED, message=str(gone))
        except Rejected as rejected:
            return ObjectReport(arrival.key, arrival.sequencer, reason=rejected.reason, message=str(rejected))
        return Fetched(to, arrival)

    def _end_all(self, batch: Batch, members: Sequence[Arrival], report: BatchReport) -> None:
        """Record what could not be read; what a replay could read after all loses the end that it had."""
        reports = {(one.key, one.sequencer): one for one in report.objects}
        for member in members:
            found = reports.get((member.key, member.sequencer))
            if found is not None and found.reason:
                self._end(batch, member, found)
            elif batch.generation > 1:
                self.ledger.entries.end(batch.path, member, "", "", "")

    def _end(self, batch: Batch, arrival: Arrival, report: ObjectReport) -> None:
        end = end_of(report)
        self.ledger.entries.end(batch.path, arrival, end, report.reason, report.message[:500])
        notice(f"object {end}", dataset=batch.path, batch=batch.id, object=arrival.key_hash, reason=report.reason)


def staged_message(batch: Batch) -> dict[str, object]:
    return {"team": batch.team, "dataset": batch.dataset, "batch": batch.id}
