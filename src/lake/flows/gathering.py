"""Gather: staged batches wait here until their dataset is due, then one run takes them.

A start is a row of steps, each of which may be the last of a worker: head, list of batches, run, batches assigned,
notes deleted, execution started. `_go_on` completes whatever of them is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lake.core.batch import Batch
from lake.core.dataset import Dataset
from lake.core.gathering import (
    Head,
    Reason,
    Verdict,
    Waiting,
    last_run_id,
    next_head,
    note_of,
    taken,
    verdict,
)
from lake.core.run import Run
from lake.flows.notice import notice
from lake.flows.recording import Recorder
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Objects, json_bytes, read_json
from lake.gateways.queues import Queues
from lake.gateways.registry import Registry, dataset_of
from lake.gateways.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Answer:
    """`run` was started; or none was, for `reason`."""

    run: str = ""
    execution: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gatherer:
    ledger: Ledger
    registry: Registry
    objects: Objects
    queues: Queues
    workflow: Workflow
    recorder: Recorder
    stage_bucket: str
    queue: str

    def staged(self, path: str, batches: Iterable[str], now: datetime) -> Answer:
        """These batches say that they are staged: note those that wait, and start a run if one is due."""
        found = [one for one in self.ledger.batches.get(path, batches).values() if one.state == "staged"]
        before = {one.id for one in self.ledger.batches.waiting(path)}
        for batch in found:
            if note_of(batch) not in before:
                self.ledger.batches.wait(path, Waiting(note_of(batch), batch.objects, batch.at, now))
        return self.consider(path, "batch", now, arm=bool(found) and not before)

    def published(self, path: str, source: str, run: str, now: datetime) -> Answer:
        """An input table of this derived dataset has published."""
        self.ledger.batches.wait(path, Waiting(f"input#{source}#{run}", 0, now, now))
        return self.consider(path, "input", now)

    def sweep(self, team: str, now: datetime) -> dict[str, Answer]:
        """Look at every dataset of the team: what a lost timer forgot, and what a lost worker left half done."""
        return {
            f"{team}/{name}": self.consider(f"{team}/{name}", "timer", now) for name in self.registry.datasets(team)
        }

    def consider(self, path: str, reason: Reason, now: datetime, arm: bool = False) -> Answer:
        """Start a run if one is due. `arm`: set a timer if none is due yet."""
        head = self.ledger.runs.head(path)
        if head.active:
            if self._go_on(path, head, now):
                return Answer(reason=f"run {head.active} is active")
            head = self.ledger.runs.head(path)
        failed = self._failed(path, head)
        waiting = self.ledger.batches.waiting(path)
        if not (waiting or failed or reason == "asked"):
            return Answer(reason="nothing waits")
        dataset = self._dataset(path, waiting, failed)
        if reason == "asked" and dataset.derived and not waiting:
            waiting = [Waiting("input#asked", 0, now, now)]
        found = verdict(waiting, head, failed, dataset.trigger, reason, now)
        if found.start and failed is None:
            waiting = self._checked(path, waiting)
            found = verdict(waiting, head, None, dataset.trigger, reason, now)
        if found.start:
            return self._start(path, head, failed, found, dataset.digest, now)
        if found.wait and arm:
            self.queues.send(self.queue, [timer_message(path)], delay=found.wait)
        return Answer(reason=found.reason)

    def _dataset(self, path: str, waiting: Sequence[Waiting], failed: Run | None) -> Dataset:
        """The current version; of a dataset that was removed, the one of its last data, so that it drains."""
        digest = self.registry.current(path)
        if not digest and failed is not None:
            digest = failed.config
        if not digest and waiting:
            batches = self.ledger.batches.get(path, [waiting[-1].batch])
            digest = next((batch.config for batch in batches.values()), "")
        return dataset_of(self.registry, path, digest)

    def _checked(self, path: str, waiting: Sequence[Waiting]) -> list[Waiting]:
        """What truly waits: a note of a batch that a run has taken, or that was replayed, meanwhile is deleted."""
        batches = self.ledger.batches.get(path, [one.batch for one in waiting if not one.is_input])
        stale = [one.id for one in waiting if not one.is_input and not _waits(one, batches.get(one.batch))]
        self.ledger.batches.unwait(path, stale)
        return [one for one in waiting if one.id not in stale]

    def _failed(self, path: str, head: Head) -> Run | None:
        last = self.ledger.runs.get(path, last_run_id(head)) if head.runs else None
        return last if last is not None and last.status == "failed" else None

    def _start(self, path: str, head: Head, failed: Run | None, found: Verdict, config: str, now: datetime) -> Answer:
        run = _next_run(path, head, failed, found.reason, config, now)
        after = next_head(head, run, now)
        if not self.ledger.runs.move_head(path, after, head):
            return Answer(reason="another run has just started")
        if failed is not None:
            self.ledger.runs.move(run, failed)
        self._complete(path, after, now, run)
        notice("run started", dataset=path, run=run.id, attempt=run.attempt, why=run.reason)
        return Answer(run.id, self.workflow.reference(run.execution_name))

    def _go_on(self, path: str, head: Head, now: datetime) -> bool:
        """Whether the active run is still under way, after completing what its starter left undone."""
        standing = self.workflow.standing(head.execution)
        run = self.ledger.runs.get(path, head.active)
        if run is not None and run.execution_name == head.execution and run.status != "started":
            self.recorder.finish(run, now)
            return False
        if standing == "unknown":
            self._complete(path, head, now, run)
            return True
        if standing == "running" or run is None:
            return True
        self.recorder.record(path, run.id, run.attempt, now, error=f"execution {head.execution} ended without a record")
        return False

    def _complete(self, path: str, head: Head, now: datetime, run: Run | None) -> None:
        """Everything from the list of batches to the execution; what is done already stays."""
        if run is None or run.execution_name != head.execution:
            run = self._restored(path, head, run, now)
        if run.execution_name != head.execution:
            return  # We slept: the head that we read counts no more, and others have gone on from there.
        ids = self._batches_of(run)
        run = self.ledger.runs.make(run)
        found = self.ledger.batches.get(path, ids).values()
        ours = [one for one in found if one.state in ("staged", "assigned")]  # what is being replayed will wait again
        for batch in ours:
            if batch.state == "staged":
                self.ledger.batches.move(replace(batch, state="assigned", run=run.id), "staged")
        self.ledger.batches.unwait(path, [*map(note_of, ours), *self._inputs_before(path, head)])
        payload = {"team": run.team, "dataset": run.dataset, "run": run.id, "attempt": run.attempt}
        self.workflow.start(run.execution_name, payload)

    def _restored(self, path: str, head: Head, run: Run | None, now: datetime) -> Run:
        """The run that the head speaks of, where its starter died before it was written."""
        config = self._dataset(path, self.ledger.batches.waiting(path), run).digest
        if run is None:
            return _next_run(
                path, replace(head, runs=head.runs - 1), None, "restored", config, head.active_since or now
            )
        again = _next_run(path, head, run, "restored", config, head.active_since or now)
        if again.execution_name == head.execution:
            self.ledger.runs.move(again, run)
        return again

    def _batches_of(self, run: Run) -> list[str]:
        """The run's batches, chosen once: whoever writes the list first has chosen."""
        key = f"{run.folder}/batches.json"
        waiting = {one.batch for one in self.ledger.batches.waiting(run.path) if not one.is_input}
        chosen = taken(list(self.ledger.batches.get(run.path, waiting).values()))
        if run.attempt == 1 and self.objects.create(self.stage_bucket, key, json_bytes(chosen)):
            return chosen
        ids: list[str] = read_json(self.objects, self.stage_bucket, key)
        return ids

    def _inputs_before(self, path: str, head: Head) -> Sequence[str]:
        """Notes of inputs that this run will read: those from before its start."""
        since = head.active_since
        waiting = self.ledger.batches.waiting(path)
        return [one.id for one in waiting if one.is_input and (since is None or one.staged_at <= since)]


def _next_run(path: str, head: Head, failed: Run | None, reason: str, config: str, now: datetime) -> Run:
    if failed is not None:
        return replace(
            failed,
            status="started",
            attempt=failed.attempt + 1,
            config=config,
            started_at=now,
            ended_at=None,
            message="",
        )
    team, _, dataset = path.partition("/")
    return Run(team, dataset, head.runs + 1, config, reason, now)


def _waits(note: Waiting, batch: Batch | None) -> bool:
    return batch is not None and batch.state == "staged" and note.id == note_of(batch)


def timer_message(path: str) -> dict[str, object]:
    team, _, dataset = path.partition("/")
    return {"team": team, "dataset": dataset, "reason": "timer"}
