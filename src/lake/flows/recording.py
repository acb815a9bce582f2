"""Record: a run ends once, and what waited for its end goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from lake.core.errors import LakeError
from lake.core.event import quality_judged, run_ended
from lake.core.gathering import MOST_ATTEMPTS, again_at, released
from lake.core.run import Result, Run, result_from_json
from lake.flows.notice import notice
from lake.gateways.events import Events
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Objects, read_json
from lake.gateways.queues import Queues
from lake.gateways.registry import Registry

MESSAGE_LENGTH = 1000


class UnknownRun(LakeError):
    """The ledger has no such run."""


@dataclass(frozen=True, slots=True)
class Recorder:
    ledger: Ledger
    registry: Registry
    objects: Objects
    queues: Queues
    events: Events
    stage_bucket: str
    queue: str

    def record(self, path: str, run_id: str, attempt: int, now: datetime, error: str = "") -> Run:
        """Give this attempt its one terminal status, and the run as it stands. `attempt` 0 means the last one."""
        run = self.ledger.runs.get(path, run_id)
        if run is None:
            raise UnknownRun(f"Run {run_id} of {path} is not in the ledger. See `lake status {path}`.")
        if attempt and attempt != run.attempt:
            notice("stale attempt", dataset=path, run=run_id, attempt=attempt, counts=run.attempt)
            return run
        if run.status == "started":
            ended = _failed(run, error, now) if error else self._judged(run, self._result(run), now)
            if not self.ledger.runs.move(ended, run):
                ended = self.ledger.runs.get(path, run_id) or ended
            run = ended
        self.finish(run, now)
        return run

    def finish(self, run: Run, now: datetime) -> None:
        """Tell whoever waited for this end, then let the next run start. Again changes nothing."""
        if run.status == "started":
            return  # We slept: while we did, this attempt was given up, and the next one has begun.
        head = self.ledger.runs.head(run.path)
        if head.active != run.id or head.execution != run.execution_name:
            return
        if run.status == "published":
            self._tell_derived(run)
        self.events.tell([run_ended(run)])
        delay = _delay(run, now)
        if delay is not None and (run.status == "failed" or self.ledger.batches.waiting(run.path)):
            nudge = {"team": run.team, "dataset": run.dataset, "reason": "timer", "arm": True}
            self.queues.send(self.queue, [nudge], delay=delay)
        self.ledger.runs.move_head(run.path, released(head, run), head)
        notice("run ended", dataset=run.path, run=run.id, attempt=run.attempt, status=run.status)

    def _result(self, run: Run) -> Result:
        return result_from_json(read_json(self.objects, self.stage_bucket, f"{run.folder}/result.json"))

    def _judged(self, run: Run, result: Result, now: datetime) -> Run:
        """The ended run; what its rules said is told first, for the ledger does not keep it."""
        if result.rules:
            self.events.tell([quality_judged(run.team, run.dataset, {"run": run.id}, result.rules)])
        return _ended(run, result, now)

    def _tell_derived(self, run: Run) -> None:
        bodies = []
        for path in self.registry.feeds(run.path):
            team, _, dataset = path.partition("/")
            bodies.append({"team": team, "dataset": dataset, "reason": "input", "input": run.path, "run": run.id})
        if bodies:
            self.queues.send(self.queue, bodies)


def _delay(run: Run, now: datetime) -> int | None:
    """Seconds until gather should look again: at once, or when a failed run may try again; None: a person must."""
    if run.status == "halted" or (run.status == "failed" and run.attempt >= MOST_ATTEMPTS):
        return None
    return max(0, ceil((again_at(run) - now).total_seconds())) if run.status == "failed" else 0


def _ended(run: Run, result: Result, now: datetime) -> Run:
    return replace(
        run,
        status=result.status,
        ended_at=now,
        rows_published=result.rows_published,
        rows_quarantined=result.rows_quarantined,
        snapshot=result.snapshot,
        message=result.message[:MESSAGE_LENGTH],
    )


def _failed(run: Run, error: str, now: datetime) -> Run:
    return replace(run, status="failed", ended_at=now, message=error[:MESSAGE_LENGTH])
