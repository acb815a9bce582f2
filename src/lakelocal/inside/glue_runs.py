"""The life of a job run: it waits for its turn, gets an engine, ends in one of Glue's states, is tried again."""

from __future__ import annotations

import contextvars
import json
import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lakelocal.inside import network
from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.deliveries import may_log
from lakelocal.inside.door import Host
from lakelocal.inside.glue_arguments import Asked, Refused
from lakelocal.inside.glue_artifacts import Unfetched
from lakelocal.inside.glue_engine import Engine, Outcome, Silence, Sink, Task
from lakelocal.inside.glue_pool import Pool
from lakelocal.inside.glue_recipe import Kitchen, role_arn
from lakelocal.inside.log_sink import LogSink

LIVING = ("STARTING", "RUNNING", "STOPPING", "WAITING")
OWN_CONTEXT = re.compile(rb"\bSparkContext\(|\bSparkConf\(|\.config\(")
logger = logging.getLogger("lakelocal")


@dataclass(slots=True)
class Turn:
    """A run that waits or runs: what Glue shows of it, and what it needs."""

    job: Mapping[str, Any]
    shown: dict[str, Any]
    asked: Asked
    region: str
    account: str
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    stopped: threading.Event = field(default_factory=threading.Event)
    engine: Engine | None = None


class Runs:
    """One run at a time on this machine, in the order in which they were started."""

    def __init__(self, host: Host, kitchen: Kitchen, pool: Pool) -> None:
        self._host, self._kitchen, self._pool = host, kitchen, pool
        self._turns: queue.Queue[Turn] = queue.Queue()
        self._living: dict[str, Turn] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True, name="glue-runs").start()

    def start(self, turn: Turn) -> None:
        """Put a run in the queue."""
        with self._lock:
            self._living[str(turn.shown["Id"])] = turn
        self._turns.put(turn)

    def stop(self, run: str) -> bool:
        """Stop a run; whether it was waiting or running."""
        with self._lock:
            turn = self._living.get(run)
            if turn is None:
                return False
            turn.shown["JobRunState"] = "STOPPING"
            turn.stopped.set()
            if turn.engine is not None:
                turn.engine.stop(run)
            return True

    def prepare(self, job: Mapping[str, Any], account: str, region: str, asked: Asked) -> None:
        """Warm an engine for a job that was deployed. What is missing is said, and the job stays cold."""
        try:
            self._pool.prepare(str(job["Name"]), self._kitchen.recipe(role_arn(job, account), region, asked))
        except (Refused, Unfetched, UnknownRole) as error:
            logger.warning("job %s stays cold: %s", job["Name"], error)

    def _serve(self) -> None:
        while True:
            turn = self._turns.get()
            turn.context.run(self._take_turn, turn)

    def _take_turn(self, turn: Turn) -> None:
        run = str(turn.shown["Id"])
        try:
            outcome = Outcome("STOPPED") if turn.stopped.is_set() else self._execute(turn)
        except (Refused, Unfetched, UnknownRole) as error:
            outcome = Outcome("FAILED", f"Launch error: {error}")
        except Exception as error:  # the queue must go on
            logger.exception("run %s of job %s", run, turn.job["Name"])
            outcome = Outcome("FAILED", f"Internal service failure: {type(error).__name__}: {error}")
        with self._lock:
            self._living.pop(run, None)
            engine, turn.engine = turn.engine, None
        self._finish(turn, outcome)
        if engine is not None:
            again = turn.asked.gains_by_warmth and outcome.state in ("SUCCEEDED", "STOPPED", "TIMEOUT")
            self._pool.give_back(engine, again)

    def _execute(self, turn: Turn) -> Outcome:
        role, run = role_arn(turn.job, turn.account), str(turn.shown["Id"])
        if nowhere := network.job_refusal(self._host, role, turn.job.get("Connections")):
            raise Refused(nowhere)
        recipe = self._kitchen.recipe(role, turn.region, turn.asked)
        task = self._task(turn, role)
        output, error = (self._sink(f"{turn.asked.log_group}/{kind}", run, role) for kind in ("output", "error"))
        engine = self._pool.take(str(turn.job["Name"]), recipe, task.fresh)
        with self._lock:
            turn.engine = engine
            if turn.stopped.is_set():
                engine.stop(run)
        try:
            return engine.run(task, output, error, lambda: self._running(turn))
        finally:
            output.flush()
            error.flush()

    def _sink(self, group: str, run: str, role: str) -> Sink:
        """The run's stream in a log group; where its role may not log, there is none and the run goes on."""
        return LogSink(self._host, group, run) if may_log(self._host, role, group) else Silence()

    def _task(self, turn: Turn, role: str) -> Task:
        run, script = str(turn.shown["Id"]), self._kitchen.script(role, turn.asked)
        return Task(
            run=run,
            script=script,
            files=tuple(self._kitchen.files(role, turn.asked)),
            arguments=(
                *("--JOB_NAME", str(turn.job["Name"])),
                *("--JOB_ID", f"j_{run[3:]}"),
                *("--JOB_RUN_ID", run),
                *turn.asked.for_script,
            ),
            seconds=float(turn.shown["Timeout"]) * 60,
            fresh=self._host.cold or not turn.asked.gains_by_warmth or bool(OWN_CONTEXT.search(script.read_bytes())),
        )

    def _running(self, turn: Turn) -> None:
        with self._lock:
            if not turn.stopped.is_set():
                turn.shown.update(JobRunState="RUNNING", LastModifiedOn=time.time())

    def _finish(self, turn: Turn, outcome: Outcome) -> None:
        now, shown = time.time(), turn.shown
        message = outcome.message
        if outcome.state == "TIMEOUT":
            message = f"Job run exceeded its timeout of {shown['Timeout']} minutes"
        shown.update(
            JobRunState=outcome.state,
            ErrorMessage=message,
            CompletedOn=now,
            LastModifiedOn=now,
            ExecutionTime=int(now - shown["StartedOn"]),
        )
        self._announce(turn)
        if outcome.state == "FAILED" and shown["Attempt"] < int(turn.job.get("MaxRetries") or 0):
            self._retry(turn)

    def _retry(self, turn: Turn) -> None:
        from ministack.services import glue

        attempt = turn.shown["Attempt"] + 1
        first = re.sub(r"_attempt_\d+$", "", turn.shown["Id"])
        shown = new_run(turn.job, turn.shown, turn.asked.log_group, f"{first}_attempt_{attempt}")
        shown.update(Attempt=attempt, PreviousRunId=turn.shown["Id"])
        glue._job_runs.setdefault(turn.job["Name"], []).append(shown)
        self.start(Turn(turn.job, shown, turn.asked, turn.region, turn.account))

    def _announce(self, turn: Turn) -> None:
        """The event `Glue Job State Change`."""
        from ministack.services import eventbridge

        state = turn.shown["JobRunState"]
        detail = {
            "jobName": turn.job["Name"],
            "severity": "INFO" if state == "SUCCEEDED" else "ERROR",
            "state": state,
            "jobRunId": turn.shown["Id"],
            "message": turn.shown["ErrorMessage"] or "Job run succeeded",
        }
        entry = {"Source": "aws.glue", "DetailType": "Glue Job State Change", "Detail": json.dumps(detail)}
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def new_run(job: Mapping[str, Any], asked: Mapping[str, Any], log_group: str, run: str | None = None) -> dict[str, Any]:
    """A run as `GetJobRun` shows it, at its start. `asked` is the request, or the run that is tried again."""
    now = time.time()
    workers = asked.get("NumberOfWorkers") or job.get("NumberOfWorkers") or 2
    return {
        "Id": run or "jr_" + secrets.token_hex(32),
        "Attempt": 0,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": dict(asked.get("Arguments") or {}),
        "ErrorMessage": "",
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": asked.get("Timeout") or job.get("Timeout") or 2880,
        "MaxCapacity": float(workers),
        "AllocatedCapacity": int(workers),
        "WorkerType": asked.get("WorkerType") or job.get("WorkerType") or "G.1X",
        "NumberOfWorkers": int(workers),
        "LogGroupName": log_group,
        "GlueVersion": job.get("GlueVersion"),
        "ExecutionClass": asked.get("ExecutionClass") or job.get("ExecutionClass") or "STANDARD",
        "SecurityConfiguration": job.get("SecurityConfiguration") or "",
    }
