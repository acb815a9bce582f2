"""The life of a job run of EMR Serverless: what GetJobRun shows of it, in the service's own states."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakelocal.inside.cicd.events import emit
from lakelocal.inside.glue_arguments import Asked
from lakelocal.inside.glue_engine import Outcome
from lakelocal.inside.glue_recipe import Actor
from lakelocal.inside.spark_runs import Turn

LIVING = ("SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "QUEUED")
SERVICE = "emr-serverless.amazonaws.com"
EVENT = "EMR Serverless Job Run State Change"
STATES = {"SUCCEEDED": "SUCCESS", "FAILED": "FAILED", "STOPPED": "CANCELLED", "TIMEOUT": "CANCELLED"}
"""How an engine's outcome is called here."""
LOG_ACTIONS = ("DescribeLogGroups", "DescribeLogStreams", "CreateLogStream", "PutLogEvents")
SHOWN_DETAILS = 256
Shown = dict[str, Any]


@dataclass(slots=True)
class JobRun:
    """A run of an application. `keep` writes down what is shown of it."""

    shown: Shown
    asked: Asked
    region: str
    keep: Callable[[Shown], None]

    def begin(self, start: Callable[[Turn], None]) -> None:
        """Put the run in the queue."""
        application, run = self.shown["applicationId"], self.shown["jobRunId"]
        place = f"/applications/{application}/jobs/{run}/SPARK_DRIVER"
        start(
            Turn(
                run=run,
                owner=application,
                actor=Actor(self.shown["executionRole"], f"emr-serverless-{run}", SERVICE),
                region=self.region,
                asked=self.asked,
                arguments=self.asked.for_script,
                seconds=float(self.shown["executionTimeoutMinutes"]) * 60,
                output=(self.asked.log_group, f"{place}/stdout"),
                error=(self.asked.log_group, f"{place}/stderr"),
                record=self,
                log_actions=LOG_ACTIONS,
            )
        )

    def stopping(self) -> None:
        self._turn_to("CANCELLING", "")

    def running(self) -> None:
        self.shown["startedAt"] = time.time()
        self._turn_to("RUNNING", "")

    def ended(self, outcome: Outcome) -> None:
        details = outcome.message
        if outcome.state == "TIMEOUT":
            details = f"Job run exceeded its timeout of {self.shown['executionTimeoutMinutes']} minutes."
        now = time.time()
        self.shown["endedAt"] = now
        self.shown["totalExecutionDurationSeconds"] = int(now - self.shown.get("startedAt", now))
        self._turn_to(STATES[outcome.state], details)

    def _turn_to(self, state: str, details: str) -> None:
        self.shown.update(state=state, stateDetails=details[:SHOWN_DETAILS], updatedAt=time.time())
        self.keep(self.shown)
        told = ("jobRunId", "applicationId", "arn", "releaseLabel", "state", "createdBy")
        detail = {**{name: self.shown[name] for name in told}, "jobRunName": self.shown["name"]}
        if lost := emit("aws.emr-serverless", EVENT, json.loads(json.dumps(detail)), ""):
            self.shown["stateDetails"] = f"{details} {lost}".strip()[:SHOWN_DETAILS]
            self.keep(self.shown)


def new_run(application: Shown, given: Shown, caller: str) -> Shown:
    """A run as GetJobRun shows it, at its start."""
    now, run = time.time(), "00" + secrets.token_hex(7)
    return {
        "applicationId": application["applicationId"],
        "jobRunId": run,
        "name": str(given.get("name") or ""),
        "arn": f"{application['arn']}/jobruns/{run}",
        "createdBy": caller,
        "createdAt": now,
        "updatedAt": now,
        "executionRole": given["executionRoleArn"],
        "state": "SUBMITTED",
        "stateDetails": "",
        "releaseLabel": application["releaseLabel"],
        "configurationOverrides": given.get("configurationOverrides") or {},
        "jobDriver": given["jobDriver"],
        "tags": given.get("tags") or {},
        "executionTimeoutMinutes": given.get("executionTimeoutMinutes") or 720,
        "mode": "BATCH",
        "attempt": 1,
    }
