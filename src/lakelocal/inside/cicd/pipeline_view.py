"""What CodePipeline's API tells of pipelines and executions, made from the records."""

from __future__ import annotations

from typing import Any

from lakelocal.inside.cicd.records import Document

SHOWN_OF_A_RUN = ("actionExecutionId", "status", "lastStatusChange", "token", "externalExecutionId", "errorDetails")


def state(kept: Document, executions: list[Document]) -> dict[str, Any]:
    """GetPipelineState; `executions` are the newest first."""
    pipeline = kept["pipeline"]
    stages = [_stage(kept, stage, executions) for stage in pipeline["stages"]]
    about = {"pipelineName": pipeline["name"], "pipelineVersion": pipeline["version"]}
    return {**about, "stageStates": stages, "created": kept["created"], "updated": kept["updated"]}


def _stage(kept: Document, stage: Document, executions: list[Document]) -> dict[str, Any]:
    name, reason = stage["name"], kept["disabled"].get(stage["name"])
    latest = next((one for one in executions if name in one["stages"]), None)
    at = latest["stages"][name] if latest else {"actions": {}}
    told: dict[str, Any] = {
        "stageName": name,
        "inboundTransitionState": {"enabled": reason is None, **({"disabledReason": reason} if reason else {})},
        "actionStates": [_action(action, at["actions"].get(action["name"]), latest) for action in stage["actions"]],
    }
    if latest:
        about = {"pipelineExecutionId": latest["id"], "status": at["status"], "type": latest["type"]}
        told["latestExecution"] = about
    return told


def _action(action: Document, run: Document | None, execution: Document | None) -> dict[str, Any]:
    told: dict[str, Any] = {"actionName": action["name"]}
    if run:
        told["latestExecution"] = {name: run[name] for name in SHOWN_OF_A_RUN if run.get(name)}
        if run.get("result"):
            told["latestExecution"]["summary"] = run["result"]["summary"]
    revision = execution["revisions"].get(action["name"]) if execution else None
    if revision:
        about = {"revisionId": revision["revisionId"], "revisionChangeId": revision["revisionId"]}
        told["currentRevision"] = {**about, "created": revision["created"]}
    return told


def summary(execution: Document) -> dict[str, Any]:
    """One line of ListPipelineExecutions."""
    revisions = [
        {"actionName": name, "revisionId": one["revisionId"], "revisionSummary": one["revisionSummary"]}
        for name, one in execution["revisions"].items()
    ]
    return {
        "pipelineExecutionId": execution["id"],
        "status": execution["status"],
        "startTime": execution["startTime"],
        "lastUpdateTime": execution["lastUpdateTime"],
        "sourceRevisions": revisions,
        "trigger": execution["trigger"],
        "executionMode": execution["pipeline"].get("executionMode", "SUPERSEDED"),
        "executionType": execution["type"],
        **_rollback(execution),
        **({"statusSummary": execution["summary"]} if execution.get("summary") else {}),
    }


def detail(execution: Document) -> dict[str, Any]:
    """GetPipelineExecution."""
    pipeline = execution["pipeline"]
    return {
        "pipelineName": pipeline["name"],
        "pipelineVersion": pipeline["version"],
        "pipelineExecutionId": execution["id"],
        "status": execution["status"],
        "artifactRevisions": list(execution["revisions"].values()),
        "variables": [{"name": name, "resolvedValue": value} for name, value in execution["variables"].items()],
        "trigger": execution["trigger"],
        "executionMode": pipeline.get("executionMode", "SUPERSEDED"),
        "executionType": execution["type"],
        **_rollback(execution),
        **({"statusSummary": execution["summary"]} if execution.get("summary") else {}),
    }


def actions(executions: list[Document]) -> list[dict[str, Any]]:
    """ListActionExecutions."""
    return [
        {
            "pipelineExecutionId": execution["id"],
            "pipelineVersion": execution["pipeline"]["version"],
            "actionExecutionId": run["actionExecutionId"],
            "stageName": stage,
            "actionName": action,
            "startTime": run["startTime"],
            "lastUpdateTime": run["lastStatusChange"],
            "status": run["status"],
            "output": _output(run),
        }
        for execution in executions
        for stage, at in execution["stages"].items()
        for action, run in at["actions"].items()
    ]


def _output(run: Document) -> dict[str, Any]:
    result = {name: run[name] for name in ("externalExecutionId", "errorDetails") if run.get(name)}
    return {"outputVariables": run.get("outputVariables") or {}, "executionResult": result}


def _rollback(execution: Document) -> dict[str, Any]:
    if not execution.get("target"):
        return {}
    return {"rollbackMetadata": {"rollbackTargetPipelineExecutionId": execution["target"]}}
