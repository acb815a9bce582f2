"""Builds end as they should: stopped, out of time, cut short by the host; and leave no process behind."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cicd.conftest import ROOT, Client
from cicd.workshop import until
from lakelocal import cloud
from local.arrange import role

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
GROUPS = "arn:aws:logs:*:*:log-group:/aws/codebuild/*"
LOGS = {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": GROUPS}
SPEC = """
version: 0.2
phases:
  build:
    commands: {commands}
  post_build:
    commands: [echo after $CODEBUILD_BUILD_SUCCEEDING]
"""


def project(client: Client, name: str, *commands: str, logs: bool = True, **about: Any) -> str:
    """A project without a source that runs these commands."""
    who = role(client("iam"), "codebuild.amazonaws.com", allow=[LOGS] if logs else None)
    spec = SPEC.format(commands=json.dumps(commands))
    client("codebuild").create_project(
        name=name,
        source={"type": "NO_SOURCE", "buildspec": spec},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=who,
        **about,
    )
    return name


def started(client: Client, name: str) -> str:
    return str(client("codebuild").start_build(projectName=name)["build"]["id"])


def build(client: Client, number: str) -> dict[str, Any]:
    return dict(client("codebuild").batch_get_builds(ids=[number])["builds"][0])


def ended(client: Client, number: str) -> dict[str, Any]:
    return dict(until(lambda: (found := build(client, number))["buildComplete"] and found))


def sleepers(mark: str) -> list[str]:
    found = subprocess.run(["pgrep", "-fx", f"sleep {mark}"], capture_output=True, text=True, check=False).stdout
    return found.split()


def test_a_build_that_is_stopped_leaves_no_process(client: Client) -> None:
    number = started(client, project(client, "sleeps", "setsid sleep 7711 & sleep 7711"))
    until(lambda: len(sleepers("7711")) == 2, what="two sleepers")
    client("codebuild").stop_build(id=number)
    assert ended(client, number)["buildStatus"] == "STOPPED"
    until(lambda: sleepers("7711") == [], 5, "the end of the sleepers")


def test_what_a_command_left_running_ends_with_the_build(client: Client) -> None:
    number = started(client, project(client, "leaves", "sleep 7722 &", "exit 0"))
    assert ended(client, number)["buildStatus"] == "SUCCEEDED"
    until(lambda: sleepers("7722") == [], 5, "the end of the sleeper")


def test_post_build_runs_after_a_build_that_failed(client: Client) -> None:
    number = started(client, project(client, "fails", "exit 3", "echo never"))
    done = ended(client, number)
    assert done["buildStatus"] == "FAILED"
    stream = {"logGroupName": done["logs"]["groupName"], "logStreamName": done["logs"]["streamName"]}
    lines = [event["message"] for event in client("logs").get_log_events(**stream)["events"]]
    assert "after 0" in lines
    assert "never" not in lines


def test_a_role_that_may_not_log_runs_nothing(client: Client) -> None:
    done = ended(client, started(client, project(client, "mute", "echo hello", logs=False)))
    assert done["buildStatus"] == "FAILED"
    (failed,) = [phase for phase in done["phases"] if phase.get("contexts")]
    assert failed["phaseType"] == "PROVISIONING"
    assert "logs:CreateLogStream" in failed["contexts"][0]["message"]


def test_a_build_sees_nothing_of_the_host(client: Client) -> None:
    number = started(client, project(client, "looks", "env | cut -d= -f1 | sort | tr '\\n' ' '"))
    done = ended(client, number)
    stream = {"logGroupName": done["logs"]["groupName"], "logStreamName": done["logs"]["streamName"]}
    said = " ".join(event["message"] for event in client("logs").get_log_events(**stream)["events"])
    assert "CODEBUILD_BUILD_ID" in said
    assert "GATEWAY_PORT" not in said
    assert "STATE_DIR" not in said
    assert "AWS_SECRET_ACCESS_KEY" not in said


def test_a_build_that_the_host_cut_short_has_failed_and_is_gone(
    client: Client, running: cloud.Running, state: Path
) -> None:
    number = started(client, project(client, "cut", "sleep 7733"))
    until(lambda: sleepers("7733"), what="a sleeper")
    found = cloud.running(ROOT, state=state)  # another test may have restarted it
    assert found is not None
    subprocess.run(["kill", "-9", str(found.pid)], check=True)
    time.sleep(0.5)
    cloud.up(ROOT, cold=True, state=state)
    assert ended(client, number)["buildStatus"] == "FAULT"
    until(lambda: sleepers("7733") == [], 5, "the end of the sleeper")
