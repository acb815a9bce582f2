"""What is said of an execution that failed, or that does not end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakectl.failure import Failure
from lakectl.runs import follow
from lakectl.target import Target

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:lake-dev-rail-stage-b:rail-departures-r00000001-1"


class Machine:
    """Step Functions with one execution."""

    def __init__(self, **found: Any) -> None:
        self.found = found

    def describe_execution(self, **_: Any) -> dict[str, Any]:
        return self.found

    def get_execution_history(self, **_: Any) -> dict[str, Any]:
        return {"events": [{"stateEnteredEventDetails": {"name": "Heavy run"}}]}


def with_machine(machine: Machine) -> Target:
    session = boto3.Session("x", "y", region_name="eu-west-1")
    target = Target(Path(), "lake", "dev", "123456789012", "eu-west-1", "http://127.0.0.1:1", session)
    return replace(target, _clients={"stepfunctions": machine})


@pytest.mark.parametrize(
    ("error", "cause", "said"),
    [
        (
            "TryAgain",
            {"errorMessage": "the ledger is busy", "stackTrace": ["in a file"]},
            "TryAgain: the ledger is busy",
        ),
        (
            "States.TaskFailed",
            {"ErrorMessage": "no such column.", "LogGroupName": "/aws-glue/jobs", "Id": "jr_1"},
            "no such column. Its log: /aws-glue/jobs, stream jr_1.",
        ),
        (
            "States.TaskFailed",
            {"StateDetails": "no such column.", "ApplicationId": "00a", "JobRunId": "00b"},
            "no such column. Its log: heavy, stream /applications/00a/jobs/00b/SPARK_DRIVER/stderr.",
        ),
    ],
)
def test_what_failed_is_said_in_its_own_words(error: str, cause: dict[str, Any], said: str) -> None:
    machine = Machine(status="FAILED", error=error, cause=json.dumps(cause))
    with pytest.raises(Failure) as failed:
        follow(with_machine(machine), EXECUTION)
    assert str(failed.value) == f"rail-departures-r00000001-1 ended as FAILED: {said}"


def test_nobody_waits_longer_than_was_said() -> None:
    with pytest.raises(Failure, match="still runs after 0 s, at 'Heavy run'"):
        follow(with_machine(Machine(status="RUNNING")), EXECUTION, seconds=0.0)
