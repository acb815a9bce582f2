"""Runs of Spark on this machine, one at a time: each waits for its turn, gets an engine, and ends with an outcome."""

from __future__ import annotations

import contextvars
import logging
import queue
import re
import threading
from dataclasses import dataclass, field
from typing import Protocol

from lakelocal.inside import bell, network
from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.deliveries import LOG_ACTIONS, may_log
from lakelocal.inside.door import Host
from lakelocal.inside.glue_arguments import Asked, Refused
from lakelocal.inside.glue_artifacts import Unfetched
from lakelocal.inside.glue_engine import Engine, Outcome, Silence, Sink, Task
from lakelocal.inside.glue_pool import Pool
from lakelocal.inside.glue_recipe import Actor, Kitchen
from lakelocal.inside.log_sink import LogSink

OWN_CONTEXT = re.compile(rb"\bSparkContext\(|\bSparkConf\(|\.config\(")
Stream = tuple[str, str]
"""A log group, and the name of a stream in it."""
logger = logging.getLogger("lakelocal")


class Record(Protocol):
    """What a service shows of one of its runs."""

    def stopping(self) -> None: ...
    def running(self) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...


@dataclass(slots=True)
class Turn:
    """A run that waits or runs: as whom, what for, and who tells of it. `owner`: the job or application it is of.

    `connections` are those of Glue by which it stands in a network.
    """

    run: str
    owner: str
    actor: Actor
    region: str
    asked: Asked
    arguments: tuple[str, ...]
    seconds: float
    output: Stream
    error: Stream
    record: Record
    log_actions: tuple[str, ...] = LOG_ACTIONS
    connections: tuple[str, ...] = ()
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    stopped: threading.Event = field(default_factory=threading.Event)
    engine: Engine | None = None


class Runs:
    """One run at a time on this machine, in the order in which they were started, of whichever service."""

    def __init__(self, host: Host, kitchen: Kitchen, pool: Pool) -> None:
        self._host, self._kitchen, self._pool = host, kitchen, pool
        self._turns: queue.Queue[Turn] = queue.Queue()
        self._living: dict[str, Turn] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True, name="spark-runs").start()

    def start(self, turn: Turn) -> None:
        """Put a run in the queue."""
        with self._lock:
            self._living[turn.run] = turn
        self._turns.put(turn)

    def stop(self, run: str) -> bool:
        """Stop a run; whether it was waiting or running."""
        with self._lock:
            turn = self._living.get(run)
            if turn is None:
                return False
            turn.record.stopping()
            turn.stopped.set()
            if turn.engine is not None:
                turn.engine.stop(run)
            return True

    def prepare(self, owner: str, actor: Actor, region: str, asked: Asked) -> None:
        """Warm an engine for what was deployed. What is missing is said, and it stays cold."""
        try:
            self._pool.prepare(owner, self._kitchen.recipe(actor, region, asked))
        except (Refused, Unfetched, UnknownRole) as error:
            logger.warning("%s stays cold: %s", owner, error)

    def _serve(self) -> None:
        while True:
            turn = self._turns.get()
            turn.context.run(self._take_turn, turn)

    def _take_turn(self, turn: Turn) -> None:
        try:
            outcome = Outcome("STOPPED") if turn.stopped.is_set() else self._execute(turn)
        except (Refused, Unfetched, UnknownRole) as error:
            outcome = Outcome("FAILED", f"Launch error: {error}")
        except Exception as error:  # the queue must go on
            logger.exception("run %s of %s", turn.run, turn.owner)
            outcome = Outcome("FAILED", f"Internal service failure: {type(error).__name__}: {error}")
        with self._lock:
            self._living.pop(turn.run, None)
            engine, turn.engine = turn.engine, None
        turn.record.ended(outcome)
        bell.ring()
        if engine is not None:
            again = turn.asked.gains_by_warmth and outcome.state in ("SUCCEEDED", "STOPPED", "TIMEOUT")
            self._pool.give_back(engine, again)

    def _execute(self, turn: Turn) -> Outcome:
        if nowhere := network.job_refusal(self._host, turn.actor.role, turn.connections):
            raise Refused(nowhere)
        recipe, task = self._kitchen.recipe(turn.actor, turn.region, turn.asked), self._task(turn)
        output, error = (self._sink(stream, turn.actor.role, turn.log_actions) for stream in (turn.output, turn.error))
        engine = self._pool.take(turn.owner, recipe, task.fresh)
        with self._lock:
            turn.engine = engine
            if turn.stopped.is_set():
                engine.stop(turn.run)
        try:
            return engine.run(task, output, error, lambda: self._running(turn))
        finally:
            output.flush()
            error.flush()

    def _sink(self, stream: Stream, role: str, asks: tuple[str, ...]) -> Sink:
        """The run's stream in a log group; where its role may not log, there is none and the run goes on."""
        group, name = stream
        return LogSink(self._host, group, name) if group and may_log(self._host, role, group, asks) else Silence()

    def _task(self, turn: Turn) -> Task:
        script = self._kitchen.script(turn.actor, turn.asked)
        own_process = self._host.cold or not turn.asked.gains_by_warmth
        return Task(
            run=turn.run,
            script=script,
            files=tuple(self._kitchen.files(turn.actor, turn.asked)),
            arguments=turn.arguments,
            seconds=turn.seconds,
            fresh=own_process or bool(OWN_CONTEXT.search(script.read_bytes())),
        )

    def _running(self, turn: Turn) -> None:
        with self._lock:
            if not turn.stopped.is_set():
                turn.record.running()
