"""Plan: what one run reads, removes and publishes, fixed in a file before Spark starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from lake.core.batch import Batch
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.errors import LakeError
from lake.core.manifest import manifest_from_json
from lake.core.planning import VISIBLE, KeyPlan, Staged, dead, live, needs_history, plan_key, workers_for
from lake.core.report import report_from_json
from lake.core.run import Input, Plan, Result, Run, SourceVersion, plan_to_json, result_to_json
from lake.flows.notice import notice
from lake.flows.recording import UnknownRun
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Objects, read_json, uri, write_json
from lake.gateways.registry import Registry, dataset_of
from lake.gateways.tables import Tables

READERS = 16


class StaleAttempt(LakeError):
    """Another attempt of the run counts now."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Where the plan lies and the result will; whether there is work for Spark, and for how many workers."""

    plan: str
    result: str
    work: bool
    workers: int


@dataclass(frozen=True, slots=True)
class Planner:
    """A run gets from `least_workers` to `most_workers`, by the bytes that it reads."""

    ledger: Ledger
    registry: Registry
    objects: Objects
    tables: Tables
    raw_bucket: str
    stage_bucket: str
    least_workers: int = 2
    most_workers: int = 10

    def plan(self, path: str, run_id: str, attempt: int) -> Planned:
        """Write the plan of this attempt; where there is nothing to do, its result too."""
        run = self._run(path, run_id, attempt)
        compiled = self.registry.compiled(path, run.config)
        dataset = dataset_from_json(compiled)
        batches = self._batches(run)
        plan, size = self._derived(run, dataset) if dataset.derived else self._fed(run, dataset, batches)
        write_json(self.objects, self.stage_bucket, f"{run.folder}/plan.json", plan_to_json(plan, compiled))
        if plan.empty:
            nothing = Result(run.id, "nothing", message=_why_nothing(dataset))
            write_json(self.objects, self.stage_bucket, f"{run.folder}/result.json", result_to_json(nothing))
        notice(
            "run planned",
            dataset=path,
            run=run.id,
            files=len(plan.staged),
            left_out=len(plan.left_out),
            removed=len(plan.removed),
            history=len(plan.history),
            bytes=size,
        )
        return Planned(
            plan=uri(self.stage_bucket, f"{run.folder}/plan.json"),
            result=uri(self.stage_bucket, f"{run.folder}/result.json"),
            work=not plan.empty,
            workers=workers_for(size, self.least_workers, self.most_workers),
        )

    def _run(self, path: str, run_id: str, attempt: int) -> Run:
        run = self.ledger.runs.get(path, run_id)
        if run is None:
            raise UnknownRun(f"Run {run_id} of {path} is not in the ledger. See `lake status {path}`.")
        if run.attempt != attempt or run.status != "started":
            raise StaleAttempt(
                f"Run {run_id} of {path} is at attempt {run.attempt}, {run.status}; attempt {attempt} does nothing."
            )
        return run

    def _batches(self, run: Run) -> list[Batch]:
        ids = read_json(self.objects, self.stage_bucket, f"{run.folder}/batches.json")
        found = self.ledger.batches.get(run.path, ids)
        return [found[one] for one in ids]

    def _fed(self, run: Run, dataset: Dataset, batches: Sequence[Batch]) -> tuple[Plan, int]:
        """The plan, and the bytes of the objects that it reads again or for the first time."""
        ours = self._staged(batches)
        visible = {one.id for one in self.ledger.runs.newest(run.path) if one.status in VISIBLE}
        keys = self._keys(run.path, ours, visible)
        left_out = tuple(version for plan in keys.values() for version in plan.left_out)
        removed = tuple(key for key, plan in keys.items() if plan.removed)
        history: list[Staged] = []
        if needs_history(dataset, removed):
            history = self._history(run, {batch.id for batch in batches}, visible)
        alive = live(history, ours, left_out)
        gone = dead(history, alive)
        read = [one for one in history if any(SourceVersion(m.key, m.sequencer) in alive for m in one.members)]
        plan = Plan(
            run=run.id,
            dataset=dataset,
            staged=self._files(ours),
            rejected=tuple(uri(self.stage_bucket, one.batch.rejected_key) for one in ours if one.report.rows_rejected),
            left_out=left_out,
            removed=removed,
            history=self._files(read),
            history_left_out=gone,
        )
        return plan, sum(one.batch.bytes for one in (*ours, *read))

    def _files(self, staged: Iterable[Staged]) -> tuple[str, ...]:
        return tuple(uri(self.stage_bucket, one.batch.staged_key) for one in staged if one.report.rows_staged)

    def _keys(self, path: str, ours: Sequence[Staged], visible: set[str]) -> dict[str, KeyPlan]:
        """What to do about each key of the run's objects."""
        wanted = sorted({one.key for staged in ours for one in staged.members})
        with ThreadPoolExecutor(READERS) as readers:
            entries = list(readers.map(lambda key: self.ledger.entries.versions(path, self.raw_bucket, key), wanted))
        mine = {staged.batch.id: staged.batch for staged in ours}
        elsewhere = {one.batch for many in entries for one in many if one.batch and one.batch not in mine}
        others = self.ledger.batches.get(path, sorted(elsewhere))
        return {key: plan_key(many, mine, others, visible) for key, many in zip(wanted, entries, strict=True)}

    def _history(self, run: Run, ours: set[str], visible: set[str]) -> list[Staged]:
        every = self.ledger.batches.all(run.path)
        return self._staged([_as_shown(one) for one in every if one.run in visible and one.id not in ours])

    def _staged(self, batches: Sequence[Batch]) -> list[Staged]:
        with ThreadPoolExecutor(READERS) as readers:
            return list(readers.map(self._staged_one, batches))

    def _staged_one(self, batch: Batch) -> Staged:
        members = manifest_from_json(read_json(self.objects, self.stage_bucket, batch.manifest_key))
        report = report_from_json(read_json(self.objects, self.stage_bucket, batch.report_key))
        return Staged(batch, tuple(members), report)

    def _derived(self, run: Run, dataset: Dataset) -> tuple[Plan, int]:
        """Every input pinned to its snapshot of now, and their bytes.

        No input, no work, as long as one of them has never published.
        """
        inputs = {name: self._input(name) for name in dataset.source.inputs}
        pinned: Mapping[str, Input] = {name: one for name, (one, _) in inputs.items() if one is not None}
        plan = Plan(run.id, dataset, inputs=pinned if len(pinned) == len(inputs) else {})
        return plan, sum(size for _, size in inputs.values())

    def _input(self, name: str) -> tuple[Input | None, int]:
        table = dataset_of(self.registry, name.replace(".", "/", 1)).table
        standing = self.tables.find(table.database, table.name)
        if standing is None or standing.snapshot is None:
            return None, 0
        return Input(f"{table.database}.{table.name}", standing.snapshot), standing.bytes


def _as_shown(batch: Batch) -> Batch:
    """The generation of a batch that readers see: the one before, while a replay is under way."""
    return batch if batch.state == "assigned" else replace(batch, generation=batch.generation - 1)


def _why_nothing(dataset: Dataset) -> str:
    if dataset.derived:
        return "an input has not published yet"
    return "no row to publish, set aside or remove"
