"""One engine: a driver process with its JVM, which this host starts, feeds with scripts, and ends."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lakelocal.inside.glue_cluster import Cluster
from lakelocal.inside.glue_conf import properties_text
from lakelocal.inside.glue_recipe import Recipe

SOURCE = Path(__file__).resolve().parents[2]
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from lakelocal.spark.driver import main; "
    "sys.path.remove(sys.argv[1]); main(int(sys.argv[2]), sys.argv[3:])"
)
END_OF_RUN = "\x1e"
FLUSH_SECONDS = 2.0
DRAIN_SECONDS = 10.0
SETTLE_SECONDS = 30.0


class Sink(Protocol):
    """Where the lines of a stream go."""

    def write(self, line: str) -> None: ...
    def flush(self) -> None: ...


class Silence:
    """Keeps nothing: for a role that may not write logs."""

    def write(self, line: str) -> None: ...
    def flush(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Task:
    """One script to run. `fresh`: the script makes its own Spark context, as in a process of its own."""

    run: str
    script: Path
    files: tuple[Path, ...]
    arguments: tuple[str, ...]
    seconds: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a script ended: SUCCEEDED, FAILED, STOPPED or TIMEOUT, and why."""

    state: str
    message: str = ""


class Engine:
    """A driver process. One task at a time; `stop` may be called from any thread."""

    def __init__(
        self, recipe: Recipe, python: Path, environment: Mapping[str, str], folder: Path, workers: int = 1
    ) -> None:
        self.recipe, self.environment = recipe, dict(environment)
        self.jobs, self.last_used = 0, time.monotonic()
        self.warming = self.busy = False
        self.reusable = True
        self._folder = Path(tempfile.mkdtemp(prefix="engine-", dir=folder))
        self._log = (self._folder.with_suffix(".log")).open("w")
        self._cluster = Cluster(workers, python, environment, self._folder / "cluster") if workers > 1 else None
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._sinks: dict[int, Sink | None] = {1: None, 2: None}
        self._drained = {1: threading.Event(), 2: threading.Event()}
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = self._start(python, theirs)
        for target, arguments in (
            (self._listen, ()),
            (self._pump, (1, self._process.stdout)),
            (self._pump, (2, self._process.stderr)),
        ):
            threading.Thread(target=target, args=arguments, daemon=True, name="glue-engine").start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def rehearse(self) -> None:
        """Warm up, in the background; a task that comes meanwhile cuts it short."""
        self.warming = True
        self._order(do="warm", folder=str(self._work("rehearsal")))

    def run(self, task: Task, output: Sink, error: Sink, started: Callable[[], None]) -> Outcome:
        """Run a task to its end. Calls `started` when the script is about to begin."""
        self.jobs += 1
        try:
            if self.warming:
                self._order(do="hurry")
            while self.warming:
                early = self._early_end(self._wait(None, ()), task.run)
                if early:
                    return early
            work = self._work(task.run)
            script = Path(shutil.copy(task.script, work))
            for extra in task.files:
                shutil.copy(extra, work)
            self._sinks.update({1: output, 2: error})
            for drained in self._drained.values():
                drained.clear()
            started()
            self._order(do="run", run=task.run, script=str(script), arguments=list(task.arguments), fresh=task.fresh)
            return self._await_end(task, (output, error))
        finally:
            self.last_used = time.monotonic()
            self._sinks.update({1: None, 2: None})
            shutil.rmtree(self._folder / task.run, ignore_errors=True)

    def settle(self) -> None:
        """After a run: wait until the engine has cleaned up, and learn whether it can be used again."""
        while self.reusable:
            event = self._wait(time.monotonic() + SETTLE_SECONDS, ())
            if event["event"] == "clean":
                self.reusable = bool(event["reusable"])
                return
            self._early_end(event, "")

    def stop(self, run: str) -> None:
        """Ask the task of this run to end."""
        self._events.put({"event": "stop", "run": run})

    def kill(self) -> None:
        """End the process and everything that it started, and remove its files."""
        if self.alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._socket.close()
        self._log.close()
        if self._cluster is not None:
            self._cluster.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _await_end(self, task: Task, sinks: tuple[Sink, Sink]) -> Outcome:
        deadline = time.monotonic() + task.seconds
        while True:
            event = self._wait(deadline, sinks)
            if event["event"] == "ended" and event["run"] == task.run:
                for drained in self._drained.values():
                    drained.wait(DRAIN_SECONDS)
                failure = event["failure"]
                return Outcome("FAILED", failure) if failure else Outcome("SUCCEEDED")
            early = self._early_end(event, task.run)
            if early:
                return early

    def _early_end(self, event: Mapping[str, Any], run: str) -> Outcome | None:
        if event["event"] == "stop" and event["run"] == run:
            self.reusable = False
            return Outcome("STOPPED")
        if event["event"] == "late":
            self.reusable = False
            return Outcome("TIMEOUT", "Job run exceeded its timeout")
        if event["event"] == "gone":
            self.reusable = False
            return self._gone()
        return None

    def _gone(self) -> Outcome:
        code = self._process.wait()
        for drained in self._drained.values():
            drained.wait(DRAIN_SECONDS)
        if code == 0:
            return Outcome("SUCCEEDED")  # the script left by os._exit(0)
        if code < 0:
            name = signal.Signals(-code).name
            return Outcome("FAILED", f"The Spark driver was ended by {name}. The next run starts a new engine.")
        return Outcome("FAILED", f"Command failed with exit code {code}")

    def _wait(self, deadline: float | None, sinks: Iterable[Sink]) -> dict[str, Any]:
        """The next event; what was written meanwhile is handed on every few seconds."""
        while True:
            left = FLUSH_SECONDS if deadline is None else min(FLUSH_SECONDS, deadline - time.monotonic())
            try:
                return self._events.get(timeout=max(0.0, left))
            except queue.Empty:
                for sink in sinks:
                    sink.flush()  # who follows the log of a long run sees it grow
            if deadline is not None and time.monotonic() >= deadline:
                return {"event": "late"}

    def _start(self, python: Path, theirs: socket.socket) -> subprocess.Popen[str]:
        properties = self._folder / "spark.properties"
        conf = dict(self.recipe.conf)
        if self._cluster is not None:
            conf |= self._cluster.conf(conf["spark.driver.extraClassPath"])
        properties.write_text(properties_text(conf))
        environment = self.environment | {
            "HOME": str(self._work("home")),
            "TMPDIR": str(self._work("tmp")),
            "SPARK_LOCAL_DIRS": str(self._folder / "tmp"),
            "PYSPARK_SUBMIT_ARGS": f"--properties-file '{properties}' pyspark-shell",
        }
        packages = [str(package) for package in (*self.recipe.packages, *self.recipe.modules)]
        return subprocess.Popen(
            [python, "-I", "-c", BOOT, SOURCE, str(theirs.fileno()), *packages],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def _work(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _order(self, **order: object) -> None:
        try:
            self._socket.sendall(json.dumps(order).encode() + b"\n")
        except OSError:
            self._events.put({"event": "gone"})

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    event = json.loads(line)
                    if event["event"] == "warm":
                        self.warming = False
                    self._events.put(event)
        except OSError:
            pass  # killed: the process is what tells
        self.warming = False
        self._events.put({"event": "gone"})

    def _pump(self, number: int, stream: Iterable[str]) -> None:
        for line in stream:
            text, end, _ = line.rstrip("\n").partition(END_OF_RUN)
            sink = self._sinks[number]
            if sink is not None and (text or not end):
                sink.write(text)
            elif not end and not self._log.closed:
                self._log.write(line)
                self._log.flush()
            if end:
                self._drained[number].set()
        self._drained[number].set()
