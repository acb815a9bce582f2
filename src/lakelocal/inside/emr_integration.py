"""`emr-serverless:startJobRun` and `.sync` of Step Functions, as the machine's role.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from lakelocal.inside import bell
from lakelocal.inside.credentials import Credentials
from lakelocal.inside.door import Host
from lakelocal.inside.rest_service import capital, model_of, small, spelt

ENDED = ("SUCCESS", "FAILED", "CANCELLED")
RULE = "StepFunctionsGetEventsForEMRServerlessJobRule"
"""Through this rule Step Functions hears how a job ends; whoever waits for one must be allowed to keep it."""
NAME = "emr-serverless"


class TaskFailed(Exception):
    """How the task's failure is called, and what its cause is."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def start(host: Host, who: Credentials, given: dict[str, Any], waits: bool, given_up: Callable[[], bool]) -> Any:
    """Start a run, and wait for its end where the machine asks for that. Raises TaskFailed."""
    if waits:
        _may_wait(host, who)
    shape = model_of(NAME).operation_model("StartJobRun").input_shape
    asked = {"clientToken": str(uuid.uuid4()), **spelt(shape, given, small)}
    place = f"/applications/{asked.pop('applicationId')}/jobruns"
    started = _ask(host, who, "POST", place, asked)
    if not waits:
        return _told("StartJobRun", started)
    run = f"{place}/{started['jobRunId']}"
    while True:
        found = _ask(host, who, "GET", run)["jobRun"]
        if found["state"] in ENDED:
            return _outcome(found)
        if given_up():
            _ask(host, who, "DELETE", run)
            raise TaskFailed("States.Timeout", f"The task no longer waits for job run {started['jobRunId']}.")
        bell.sleep()


def _may_wait(host: Host, who: Credentials) -> None:
    arn = f"arn:aws:events:{host.region}:{host.account}:rule/{RULE}"
    for action in ("PutTargets", "PutRule", "DescribeRule"):
        if denial := host.denial(who, f"events:{action}", arn):
            raise TaskFailed("EMRServerless.AccessDeniedException", f"{denial} (Service: EventBridge)")


def _outcome(run: dict[str, Any]) -> Any:
    shown = _told("GetJobRun", {"jobRun": run})["JobRun"]
    if run["state"] != "SUCCESS":
        raise TaskFailed("States.TaskFailed", json.dumps(shown, default=str))
    return shown


def _told(action: str, answer: dict[str, Any]) -> Any:
    return spelt(model_of(NAME).operation_model(action).output_shape, answer, capital)


def _ask(host: Host, who: Credentials, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    text = json.dumps(body).encode() if body is not None else b""
    headers = {"content-type": "application/json"}
    status, answered, said = host.request(NAME, method, path, headers, text, {}, who)
    told: dict[str, Any] = json.loads(said or b"{}")
    if status < 400:
        return told
    kind = {name.lower(): value for name, value in answered.items()}.get("x-amzn-errortype") or told.get("__type") or ""
    message = str(told.get("message") or told.get("Message") or "")
    raise TaskFailed(f"EMRServerless.{kind.split(':')[0].rsplit('#', 1)[-1]}", message)
