"""A whole lake in memory whose workers may die at any call to anything outside."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from lake.core.arrival import Arrival
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.errors import LakeError, SpecError
from lake.core.gathering import Head
from lake.core.report import BatchReport, ObjectReport
from lake.core.run import Plan, Result, plan_from_json, result_to_json
from lake.flows.gathering import Gatherer
from lake.flows.outbox import Outbox
from lake.flows.planning import Planner
from lake.flows.recording import Recorder
from lake.flows.registering import claim_of, notification
from lake.flows.replaying import Replayer
from lake.flows.routing import Route
from lake.flows.staging import Fetched, StageA
from lake.flows.story import story_of
from lake.gateways.events import MemoryEvents
from lake.gateways.ledger import Ledger, memory_ledger
from lake.gateways.objects import MemoryObjects, address, json_bytes, read_json
from lake.gateways.queues import MemoryQueues
from lake.gateways.registry import MemoryRegistry
from lake.gateways.tables import MemoryTables
from lake.gateways.workflow import MemoryWorkflow
from unit.example import RAW, START, arrival, compiled

STAGE = "lake-stage"
STAGE_A, STAGE_B, LARGE = "queue/stage-a", "queue/stage-b", "larger machine"
PATH = "aviation/flights"
ENOUGH = 1 << 30
"""No object of a test is larger."""


class Killed(BaseException):
    """The worker is dead. No handler may catch this."""


@dataclass
class Fuse:
    """What happens to a worker at its n-th call, or its n-th of one name: it dies before or after the call, or sleeps
    there until woken.
    """

    left: int = -1
    after: bool = False
    sleeps: bool = False
    name: str = ""
    asleep: threading.Event = field(default_factory=threading.Event)
    woken: threading.Event = field(default_factory=threading.Event)

    def burns_at(self, name: str) -> bool:
        """Count this call; whether it is the one."""
        if self.name in ("", name):
            self.left -= 1
            return self.left == 0
        return False

    def burn(self, name: str) -> None:
        if not self.sleeps:
            raise Killed(name)
        self.asleep.set()
        self.woken.wait(60)


_worker = threading.local()


@dataclass(frozen=True)
class Mortal:
    """A gateway whose caller may be killed or put to sleep at every call."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            fuse: Fuse = getattr(_worker, "fuse", None) or Fuse()
            burns = fuse.burns_at(name)
            if burns and not fuse.after:
                fuse.burn(name)
            answer = found(*arguments, **named)
            if burns and fuse.after:
                fuse.burn(name)
            return answer

        return call


def convert(
    fetched: Sequence[Fetched], dataset: Dataset, batch_id: str, staged: Path, rejected: Path, scratch: Path
) -> BatchReport:
    """A light engine for tests: lines are rows, BAD is unreadable, a line `no` is set aside."""
    rows: list[list[str]] = []
    reports = []
    aside = 0
    for one in fetched:
        key, sequencer, text = one.arrival.key, one.arrival.sequencer, one.path.read_text()
        if text == "BAD":
            reports.append(ObjectReport(key, sequencer, reason="CORRUPT", message="it says so"))
            continue
        lines = text.splitlines()
        good = [line for line in lines if line != "no"]
        aside += len(lines) - len(good)
        rows += [[key, sequencer, line] for line in good]
        reports.append(ObjectReport(key, sequencer, len(lines), len(good), len(lines) - len(good)))
    if rows:
        staged.write_text(json.dumps(rows))
    if aside:
        rejected.write_text(json.dumps(aside))
    return BatchReport(tuple(reports))


@dataclass
class World:
    mode: str = "append"
    changes: Mapping[str, Any] = field(default_factory=dict)
    largest: int = ENOUGH
    """What is larger goes to the larger machine, in an execution of its own."""

    def __post_init__(self) -> None:
        self.now = START
        self.sleepers: list[tuple[Fuse, threading.Thread]] = []
        self.ledger = memory_ledger()
        self.objects, self.queues, self.registry = MemoryObjects(), MemoryQueues(), MemoryRegistry()
        self.tables, self.workflow, self.large = MemoryTables(), MemoryWorkflow(), MemoryWorkflow()
        self.events = MemoryEvents()
        self.pending: list[tuple[str, Mapping[str, Any]]] = []
        self.history: list[tuple[str, Mapping[str, Any], int]] = []
        self.rows: list[tuple[str, str, str]] = []
        self.published: set[str] = set()
        self.verdicts: list[str] = []
        self.puts: list[Arrival] = []
        self.contents: dict[tuple[str, str], str] = {}
        self.dataset = dataset_from_json(compiled(mode=self.mode, **self.changes))
        self._wire()

    def _wire(self) -> None:
        def mortal(gateway: Any) -> Any:
            return Mortal(gateway)

        inner = self.ledger
        ledger = Ledger(mortal(inner.entries), mortal(inner.batches), mortal(inner.runs), mortal(inner.unclaimed))
        objects, queues, registry = mortal(self.objects), mortal(self.queues), mortal(self.registry)
        events = mortal(self.events)
        self.route = Route(Outbox(ledger, objects, queues, STAGE), registry, RAW)
        here = StageA(ledger, registry, objects, queues, events, convert, STAGE, STAGE_B)
        self.stage_a = replace(here, largest=self.largest, larger=mortal(self.large))
        self.stage_a_large = here
        self.recorder = Recorder(ledger, registry, objects, queues, events, STAGE, STAGE_B)
        workflow = mortal(self.workflow)
        self.gather = Gatherer(ledger, registry, objects, queues, workflow, self.recorder, STAGE, STAGE_B)
        self.replayer = Replayer(ledger, registry, queues, STAGE_A)
        self.planner = Planner(ledger, registry, objects, mortal(self.tables), RAW, STAGE)

    # what a team does

    def register(self) -> None:
        entry = compiled(mode=self.mode, **self.changes)
        self.registry.keep(PATH, entry)
        self.registry.set_current(PATH, entry["digest"])
        claim = claim_of(self.dataset, STAGE_A)
        assert claim is not None
        self.registry.claim(claim)

    def put(self, name: str, content: str) -> Arrival:
        number = len(self.puts) + 1
        one = arrival(f"aviation/flights/{name}", number, size=len(content))
        self.objects.put(RAW, one.key, one.version, content.encode(), one.at)
        return self._announce(one, content)

    def delete(self, name: str) -> Arrival:
        number = len(self.puts) + 1
        one = arrival(f"aviation/flights/{name}", number, size=0, kind="delete")
        self.objects.put(RAW, one.key, one.version, b"", one.at, deleted=True)
        return self._announce(one, "")

    def _announce(self, one: Arrival, content: str) -> Arrival:
        self.puts.append(one)
        self.contents[one.key, one.sequencer] = content
        self.pending.append(("arrivals", notification([one])))
        return one

    # what the cloud does

    def deliver(self, chosen: Sequence[int], fuse: Fuse | None = None, again: bool = False) -> None:
        """Give some pending messages, of the queue of the first of them, to its function; `again`: they are kept."""
        self._collect()
        if not self.pending:
            return
        picks = {one % len(self.pending) for one in chosen}
        queue = self.pending[min(picks)][0]
        messages = [self.pending[one] for one in sorted(picks) if self.pending[one][0] == queue]
        failed = self.alive(lambda: self._handle(queue, [body for _, body in messages]), fuse)
        if failed is not None and not again:
            for place, message in enumerate(messages):
                if place not in failed:
                    self.pending.remove(message)

    def alive(self, act: Callable[[], Any], fuse: Fuse | None = None) -> Any:
        """The answer of a worker; None if it was killed, or sleeps."""
        self.now += timedelta(seconds=1)
        fuse = fuse or Fuse()
        answers: list[Any] = []

        def work() -> None:
            _worker.fuse = fuse
            with suppress(Killed, SpecError):
                answers.append(act())
            _worker.fuse = None
            fuse.asleep.set()

        if not fuse.sleeps:
            work()
            return answers[0] if answers else None
        thread = threading.Thread(target=work)
        thread.start()
        fuse.asleep.wait(60)
        if answers:
            thread.join()
            return answers[0]
        self.sleepers.append((fuse, thread))
        return None

    def wake(self) -> None:
        """Every sleeping worker goes on where it stopped, and ends."""
        for fuse, thread in self.sleepers:
            fuse.woken.set()
            thread.join()
        self.sleepers.clear()

    def _handle(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> list[int]:
        if queue == "arrivals":
            failed = self.route.deliver({str(n): json.dumps(body) for n, body in enumerate(bodies)}, self.now)
            return [int(one) for one in failed]
        return [place for place, body in enumerate(bodies) if not self._one(queue, body)]

    def _one(self, queue: str, body: Mapping[str, Any]) -> bool:
        try:
            path = f"{body['team']}/{body['dataset']}"
            if queue == STAGE_A:
                self.stage_a.stage(path, body["batch"], body["generation"])
            elif queue == LARGE:
                self.stage_a_large.stage(path, body["batch"], body["generation"])
            elif "batch" in body:
                self.gather.staged(path, [body["batch"]], self.now)
            elif body["reason"] == "input":
                self.gather.published(path, body["input"], body["run"], self.now)
            else:
                self.gather.consider(path, "timer", self.now, arm=bool(body.get("arm")))
        except LakeError:
            return False
        return True

    def _collect(self) -> None:
        self.pending += [(url, body) for url, body, _ in self.queues.sent]
        self.history += self.queues.sent
        self.queues.sent.clear()

    def sent(self) -> list[tuple[str, Mapping[str, Any], int]]:
        """Every message that was ever sent."""
        self._collect()
        return self.history

    def sweep(self, fuse: Fuse | None = None) -> None:
        self.now += timedelta(seconds=400)
        self.alive(lambda: self.gather.sweep("aviation", self.now), fuse)

    def play(self, fuse: Fuse | None = None, lost: bool = False) -> None:
        """Carry out every execution; one whose worker is killed is taken up later, or ends unrecorded (`lost`)."""
        for name, payload in list(self.workflow.started.items()):
            if self.workflow.standing(name) != "running":
                continue
            if self.alive(lambda name=name, payload=payload: self._execute(name, payload) or True, fuse):
                self.workflow.ended[name] = "succeeded"
            elif lost:
                self.workflow.ended[name] = "failed"

    def stage_large(self, fuse: Fuse | None = None, lost: bool = False) -> None:
        """Carry out what waits for the larger machine; what is killed is taken up later, or fails (`lost`)."""
        for name, body in list(self.large.started.items()):
            if self.large.standing(name) != "running":
                continue
            if self.alive(lambda body=body: self._one(LARGE, body), fuse):
                self.large.ended[name] = "succeeded"
            elif lost:
                self.large.ended[name] = "failed"

    def lost_by_larger(self) -> set[str]:
        """The batches whose execution failed; some were staged all the same, and nobody heard of it."""
        return {body["batch"] for name, body in self.large.started.items() if self.large.standing(name) == "failed"}

    def _execute(self, name: str, payload: Mapping[str, Any]) -> None:
        path = f"{payload['team']}/{payload['dataset']}"
        run, attempt = str(payload["run"]), int(payload["attempt"])
        try:
            planned = self.planner.plan(path, run, attempt)
        except LakeError as error:
            self.recorder.record(path, run, attempt, self.now, error=str(error))
            return
        if self.workflow.standing(name) != "running":
            return
        if planned.work:
            plan = plan_from_json(read_json(self.objects, *address(planned.plan)))
            self.objects.write(*address(planned.result), json_bytes(result_to_json(self._heavy(plan))))
        self.recorder.record(path, run, attempt, self.now)

    def _heavy(self, plan: Plan) -> Result:
        """A heavy engine for tests: the table is a list of rows with their provenance."""
        verdict = self.verdicts.pop(0) if self.verdicts else "published"
        if verdict != "published" and plan.run not in self.published:
            return Result(plan.run, verdict, message="a rule failed")  # type: ignore[arg-type]
        if plan.run not in self.published:
            new = self._read(plan.staged, plan.left_out)
            if plan.dataset.table.mode == "append":
                self.rows = [row for row in self.rows if row[0] not in plan.removed] + new
            else:
                self.rows = self._read(plan.history, plan.history_left_out) + new
            self.published.add(plan.run)
        return Result(plan.run, "published", rows_published=len(self.rows), snapshot=plan.run)

    def _read(self, files: Sequence[str], left_out: Sequence[Any]) -> list[tuple[str, str, str]]:
        out = {(one.key, one.sequencer) for one in left_out}
        rows = [tuple(row) for file in files for row in read_json(self.objects, *address(file))]
        return [row for row in rows if (row[0], row[1]) not in out]  # type: ignore[misc]

    def settle(self) -> None:
        """Let everything run without faults until nothing changes any more."""
        self.wake()
        self.settle_without_waking()

    def settle_without_waking(self) -> None:
        for _ in range(60):
            self._collect()
            while self.pending:
                before = len(self.pending)
                self.deliver(range(len(self.pending)))
                self._collect()
                if len(self.pending) >= before and all(queue == "arrivals" for queue, _ in self.pending):
                    break
            self.stage_large()
            self.play()
            self.sweep()
            self._collect()
            head = self.ledger.runs.head(PATH)
            waiting = self.ledger.batches.waiting(PATH) and not head.halted
            large = any(self.large.standing(name) == "running" for name in self.large.started)
            if not (self.pending or head.active or waiting or large or self._failed(head)):
                return
        raise AssertionError("the lake does not come to rest")

    def _failed(self, head: Head) -> bool:
        """Whether a failed run is to be tried again."""
        last = self.ledger.runs.newest(PATH, 1)
        return bool(last) and last[0].status == "failed" and not head.halted

    # what readers see

    def fates(self, one: Arrival) -> str:
        story = story_of(self.ledger, self.registry, self.objects, STAGE, RAW, one.key)
        found = [chapter.fate.state for chapter in story.chapters if chapter.arrival.identity == one.identity]
        assert len(found) == 1, f"{one.key} {one.version} has {len(found)} fates"
        return found[0]

    def expected_rows(self) -> list[tuple[str, str, str]]:
        """By the producer's own account alone: the newest readable version of every key, unless it is a delete."""
        return sorted(
            (one.key, one.sequencer, line)
            for one in self.newest().values()
            if one.kind == "put"
            for line in self.contents[one.key, one.sequencer].splitlines()
            if line != "no"
        )

    def newest(self) -> dict[str, Arrival]:
        return {one.key: one for one in self.puts if self.readable(one)}

    def readable(self, one: Arrival) -> bool:
        return one.kind == "delete" or not (one.key.endswith(".tmp") or self.content(one) == "BAD")

    def content(self, one: Arrival) -> str:
        return self.contents[one.key, one.sequencer]

    def expected_fate(self, one: Arrival) -> str:
        if one.kind == "put" and one.key.endswith(".tmp"):
            return "ignored"
        if not self.readable(one):
            return "rejected"
        if self.newest()[one.key] != one:
            return "superseded"
        lines = self.content(one).splitlines()
        return "quarantined" if one.kind == "put" and lines and set(lines) == {"no"} else "published"
