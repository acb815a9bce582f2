"""The life of a Glue job run: what Glue shows of it, in Glue's states, and how it is tried again."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lakelocal.inside.glue_arguments import Asked
from lakelocal.inside.glue_engine import Outcome
from lakelocal.inside.glue_recipe import Actor
from lakelocal.inside.spark_runs import Turn

LIVING = ("STARTING", "RUNNING", "STOPPING", "WAITING")
SERVICE = "glue.amazonaws.com"
SESSION_NAME = "GlueJobRunnerSession"
ENVIRONMENT = (("GLUE_VERSION", "5.1"), ("GLUE_PYTHON_VERSION", "3"))
Start = Callable[[Turn], None]


@dataclass(slots=True)
class JobRun:
    """A run of a job, and whom to ask when it is to be tried again."""

    job: Mapping[str, Any]
    shown: dict[str, Any]
    asked: Asked
    region: str
    account: str
    start: Start

    def begin(self) -> None:
        """Put the run in the queue."""
        run, group = str(self.shown["Id"]), self.asked.log_group
        ours = ("--JOB_NAME", str(self.job["Name"]), "--JOB_ID", f"j_{run[3:]}", "--JOB_RUN_ID", run)
        self.start(
            Turn(
                run=run,
                owner=str(self.job["Name"]),
                actor=actor_of(self.job, self.account),
                region=self.region,
                asked=self.asked,
                arguments=(*ours, *self.asked.for_script),
                seconds=float(self.shown["Timeout"]) * 60,
                output=(f"{group}/output", run),
                error=(f"{group}/error", run),
                record=self,
                connections=tuple((self.job.get("Connections") or {}).get("Connections") or ()),
            )
        )

    def stopping(self) -> None:
        self.shown["JobRunState"] = "STOPPING"

    def running(self) -> None:
        self.shown.update(JobRunState="RUNNING", LastModifiedOn=time.time())

    def ended(self, outcome: Outcome) -> None:
        now, shown = time.time(), self.shown
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
        self._announce()
        if outcome.state == "FAILED" and shown["Attempt"] < int(self.job.get("MaxRetries") or 0):
            self._retry()

    def _retry(self) -> None:
        from ministack.services import glue

        attempt = self.shown["Attempt"] + 1
        first = re.sub(r"_attempt_\d+$", "", self.shown["Id"])
        shown = new_run(self.job, self.shown, self.asked.log_group, f"{first}_attempt_{attempt}")
        shown.update(Attempt=attempt, PreviousRunId=self.shown["Id"])
        glue._job_runs.setdefault(self.job["Name"], []).append(shown)
        JobRun(self.job, shown, self.asked, self.region, self.account, self.start).begin()

    def _announce(self) -> None:
        """The event `Glue Job State Change`."""
        from ministack.services import eventbridge

        state = self.shown["JobRunState"]
        detail = {
            "jobName": self.job["Name"],
            "severity": "INFO" if state == "SUCCEEDED" else "ERROR",
            "state": state,
            "jobRunId": self.shown["Id"],
            "message": self.shown["ErrorMessage"] or "Job run succeeded",
        }
        entry = {"Source": "aws.glue", "DetailType": "Glue Job State Change", "Detail": json.dumps(detail)}
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def actor_of(job: Mapping[str, Any], account: str) -> Actor:
    """Whom a job acts as; it may name its role by ARN or by name."""
    role = str(job.get("Role") or "")
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
    return Actor(arn, SESSION_NAME, SERVICE, ENVIRONMENT)


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
