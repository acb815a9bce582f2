"""What CodePipeline and CodeBuild know of the lake's pipelines, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lake.core.owner import PLATFORM
from lakectl.failure import Failure
from lakectl.specs.name import nearest
from lakectl.target import Target

SOURCE = "Source"
"""The action that takes the owner's commit; a team that is apart has another, which takes the platform."""
DONE = ("Succeeded", "Failed", "Stopped", "Superseded", "Cancelled")


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a pipeline: its commit, how it stands, what started it."""

    id: str
    status: str
    commit: str
    message: str
    started: datetime
    trigger: str

    @property
    def done(self) -> bool:
        return self.status in DONE


@dataclass(frozen=True, slots=True)
class Step:
    """One action of one execution; `waits` is the token of an approval that somebody is asked for."""

    stage: str
    action: str
    status: str
    execution: str
    error: str
    build: str
    waits: str


def owners(target: Target) -> list[str]:
    """Whose pipelines stand."""
    prefix = f"{target.domain}-"
    pages = target.client("codepipeline").get_paginator("list_pipelines").paginate()
    names = [one["name"] for page in pages for one in page["pipelines"] if one["name"].startswith(prefix)]
    return sorted((name.removeprefix(prefix) for name in names), key=lambda name: (name != PLATFORM, name))


def pipeline_of(target: Target, owner: str) -> str:
    """The name of an owner's pipeline. Raises Failure where there is none."""
    known = owners(target)
    if not known:
        raise Failure("There is no pipeline yet. Make them: lake bootstrap")
    if owner not in known:
        raise Failure(f"No pipeline of '{owner}'. {nearest(owner, known)}")
    return f"{target.domain}-{owner}"


def executions(target: Target, pipeline: str, most: int = 10) -> list[Execution]:
    """The latest executions, the newest first."""
    client = target.client("codepipeline")
    found = client.list_pipeline_executions(pipelineName=pipeline, maxResults=most)["pipelineExecutionSummaries"]
    return [_execution(one) for one in found]


def steps(target: Target, pipeline: str) -> list[Step]:
    """How each action last stood, in the order of the pipeline."""
    state = target.client("codepipeline").get_pipeline_state(name=pipeline)
    return [step for stage in state["stageStates"] for step in _steps(stage)]


def log_of(target: Target, build: dict[str, Any]) -> Iterator[str]:
    """The lines that a build wrote."""
    log = build["logs"]
    client, place = target.client("logs"), {"logGroupName": log["groupName"], "logStreamName": log["streamName"]}
    token: dict[str, str] = {}
    while True:
        page = client.get_log_events(**place, startFromHead=True, **token)
        yield from (event["message"].rstrip("\n") for event in page["events"])
        following = page.get("nextForwardToken")
        if not page["events"] or not following or following == token.get("nextToken"):
            return
        token = {"nextToken": following}


def _execution(told: dict[str, Any]) -> Execution:
    revisions = {one["actionName"]: one for one in told.get("sourceRevisions", [])}
    revision: dict[str, Any] = revisions.get(SOURCE, {})
    message = str(told.get("statusSummary") or revision.get("revisionSummary", "")).partition("\n")[0]
    trigger = told.get("trigger", {}).get("triggerType", "")
    commit = str(revision.get("revisionId", ""))
    return Execution(told["pipelineExecutionId"], told["status"], commit, message, told["startTime"], trigger)


def _steps(stage: dict[str, Any]) -> Iterator[Step]:
    execution = stage.get("latestExecution", {}).get("pipelineExecutionId", "")
    for one in stage["actionStates"]:
        latest = one.get("latestExecution", {})
        waits = latest.get("token", "") if latest.get("status") == "InProgress" else ""
        yield Step(
            stage["stageName"],
            one["actionName"],
            latest.get("status", ""),
            execution,
            latest.get("errorDetails", {}).get("message", ""),
            latest.get("externalExecutionId", ""),
            waits,
        )
