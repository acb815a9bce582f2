"""CodePipeline: pipelines that are kept, started by people and by events, approved, retried, rolled back."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from lakelocal.inside.cicd import git, pipeline_structure, pipeline_view, triggers
from lakelocal.inside.cicd.codebuild import CodeBuild
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.connections import Connections
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.mirrors import Mirrors
from lakelocal.inside.cicd.pipeline_runner import Runner
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Service, caller
from lakelocal.inside.door import Host

logger = logging.getLogger("lakelocal.cicd")


class CodePipeline:
    def __init__(
        self,
        host: Host,
        folder: Path,
        codecommit: CodeCommit,
        codebuild: CodeBuild,
        connections: Connections,
        mirrors: Mirrors,
    ) -> None:
        self._host, self._connections, self._mirrors = host, connections, mirrors
        mirrors.tell_moved = self._moved
        self.pipelines = Records(folder / "pipelines")
        self._executions = Records(folder / "executions")
        self.runner = Runner(host, self.pipelines, self._executions, codecommit, codebuild, connections, mirrors)
        verbs = {
            "CreatePipeline": self.create,
            "UpdatePipeline": self.update,
            "DeletePipeline": self.delete,
            "GetPipeline": self._get,
            "ListPipelines": self._list,
            "StartPipelineExecution": self._start,
            "StopPipelineExecution": self._stop,
            "GetPipelineState": lambda given: pipeline_view.state(
                self._kept(given["name"]), self.runner.of(given["name"])
            ),
            "GetPipelineExecution": lambda given: {"pipelineExecution": pipeline_view.detail(self._execution(given))},
            "ListPipelineExecutions": self._list_executions,
            "ListActionExecutions": self._list_actions,
            "PutApprovalResult": self._approve,
            "RetryStageExecution": self._retry,
            "RollbackStage": self._roll_back,
            "EnableStageTransition": self._enable,
            "DisableStageTransition": self._disable,
        }
        self.service = Service("codepipeline", "CodePipeline_20150709", verbs, self._resource)

    def arn(self, name: str) -> str:
        return f"arn:aws:codepipeline:{self._host.region}:{self._host.account}:{name}"

    def create(self, given: Given) -> dict[str, Any]:
        """A new pipeline; as on AWS its first execution starts by itself."""
        pipeline = given["pipeline"]
        name = pipeline["name"]
        if self.pipelines.get(name):
            raise Refused("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists in account")
        pipeline_structure.check(pipeline)
        now = time.time()
        kept = {"pipeline": {**pipeline, "version": 1}, "created": now, "updated": now, "disabled": {}}
        self.pipelines.put(name, kept)
        self.begin(name, {}, {"triggerType": "CreatePipeline", "triggerDetail": caller()})
        return {"pipeline": kept["pipeline"]}

    def update(self, given: Given) -> dict[str, Any]:
        pipeline = given["pipeline"]
        kept = self._kept(pipeline["name"])
        pipeline_structure.check(pipeline)
        version = kept["pipeline"]["version"] + 1
        kept |= {"pipeline": {**pipeline, "version": version}, "updated": time.time()}
        self.pipelines.put(pipeline["name"], kept)
        return {"pipeline": kept["pipeline"]}

    def delete(self, given: Given) -> dict[str, Any]:
        """Forget a pipeline and its executions; those that run are stopped."""
        for execution in self.runner.of(given["name"]):
            execution["stop"] = "abandon"
            self._executions.forget(execution["id"])
        self.pipelines.forget(given["name"])
        return {}

    def begin(self, name: str, given: dict[str, str], trigger: dict[str, str], **more: Any) -> Document:
        """Start an execution with these variables over the declared defaults."""
        declared = {one["name"]: one for one in self._kept(name)["pipeline"].get("variables") or []}
        unknown = sorted(set(given) - set(declared))
        if unknown:
            raise Refused("ValidationException", f"{name} declares no variable {', '.join(unknown)}")
        values = {one: given.get(one, about.get("defaultValue")) for one, about in declared.items()}
        missing = sorted(one for one, value in values.items() if value is None)
        if missing:
            raise Refused("ValidationException", f"{', '.join(missing)} of {name} has no value")
        return self.runner.begin(name, values, trigger, **more)

    def _moved(self, repository: str, before: dict[str, str], after: dict[str, str]) -> None:
        """Start what a push to a mirror starts; a connection that nobody has confirmed hears of none."""
        place = self._mirrors.path(repository)
        for reference, commit in after.items():
            old = before.get(reference)
            if old == commit:
                continue
            paths = tuple(path for _, path in git.changed(place, old, commit)) if old else None
            push = triggers.Push(repository, reference, commit, paths)
            for name, kept in self.pipelines:
                start = triggers.starts(kept["pipeline"], push)
                if start and self._connections.available(start.connection):
                    self._triggered(name, start, commit)

    def _triggered(self, name: str, start: triggers.Start, commit: str) -> None:
        """Begin; a pipeline that cannot, for it lacks the value of a variable, holds up no other."""
        trigger = {"triggerType": start.kind, "triggerDetail": start.connection}
        try:
            self.begin(name, {}, trigger, wanted={start.action: commit})
        except Refused as refused:
            logger.warning("a push could not start %s: %s", name, refused)

    def _kept(self, name: str) -> Document:
        found = self.pipelines.get(name)
        if found is None:
            account = self._host.account
            raise Refused(
                "PipelineNotFoundException", f"Account '{account}' does not have a pipeline with name '{name}'"
            )
        return found

    def _execution(self, given: Given) -> Document:
        found = self._executions.get(given["pipelineExecutionId"])
        if found is None:
            message = f"{given['pipelineName']} has no execution {given['pipelineExecutionId']}"
            raise Refused("PipelineExecutionNotFoundException", message)
        return found

    def _get(self, given: Given) -> dict[str, Any]:
        kept = self._kept(given["name"])
        about = {"pipelineArn": self.arn(given["name"]), "created": kept["created"], "updated": kept["updated"]}
        return {"pipeline": kept["pipeline"], "metadata": about}

    def _list(self, given: Given) -> dict[str, Any]:
        shown = ("name", "version", "pipelineType", "executionMode")
        told = [
            {name: kept["pipeline"].get(name) for name in shown}
            | {"created": kept["created"], "updated": kept["updated"]}
            for kept in self.pipelines.values()
        ]
        return {"pipelines": sorted(told, key=lambda one: str(one["name"]))}

    def _start(self, given: Given) -> dict[str, Any]:
        values = {one["name"]: one["value"] for one in given.get("variables") or []}
        wanted = {one["actionName"]: one["revisionValue"] for one in given.get("sourceRevisions") or []}
        trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": caller()}
        begun = self.begin(given["name"], values, trigger, wanted=wanted)
        return {"pipelineExecutionId": begun["id"]}

    def _stop(self, given: Given) -> dict[str, Any]:
        execution = self._execution(given)
        if execution["status"] != "InProgress":
            raise Refused("PipelineExecutionNotStoppableException", f"{execution['id']} is {execution['status']}")
        execution["stop"] = "abandon" if given.get("abandon") else "stop"
        self.runner.changed(execution)
        return {"pipelineExecutionId": execution["id"]}

    def _list_executions(self, given: Given) -> dict[str, Any]:
        self._kept(given["pipelineName"])
        most = int(given.get("maxResults") or 100)
        found = self.runner.of(given["pipelineName"])[:most]
        return {"pipelineExecutionSummaries": [pipeline_view.summary(one) for one in found]}

    def _list_actions(self, given: Given) -> dict[str, Any]:
        self._kept(given["pipelineName"])
        wanted = (given.get("filter") or {}).get("pipelineExecutionId")
        found = [one for one in self.runner.of(given["pipelineName"]) if wanted in (None, one["id"])]
        return {"actionExecutionDetails": pipeline_view.actions(found)}

    def _approve(self, given: Given) -> dict[str, Any]:
        stage, action, token = given["stageName"], given["actionName"], given["token"]
        for execution in self.runner.of(given["pipelineName"]):
            run = execution["stages"].get(stage, {}).get("actions", {}).get(action)
            if run and run.get("token") == token:
                if "result" in run:
                    message = "The approval action has already been approved or rejected."
                    raise Refused("ApprovalAlreadyCompletedException", message)
                run["result"] = given["result"]
                self.runner.changed(execution)
                return {"approvedAt": time.time()}
        raise Refused(
            "InvalidApprovalTokenException", "The approval request already received a response or has expired."
        )

    def _retry(self, given: Given) -> dict[str, Any]:
        execution, stage = self._execution(given), given["stageName"]
        at = execution["stages"].get(stage)
        latest = next((one for one in self.runner.of(given["pipelineName"]) if stage in one["stages"]), None)
        if at is None or at["status"] != "Failed" or latest is not execution:
            raise Refused(
                "StageNotRetryableException", f"{stage} of {execution['id']} is not the latest to have failed"
            )
        if given["retryMode"] == "ALL_ACTIONS":
            at["actions"] = {}
        execution["status"] = "InProgress"
        self.runner.changed(execution)
        self.runner.go(execution)
        return {"pipelineExecutionId": execution["id"]}

    def _roll_back(self, given: Given) -> dict[str, Any]:
        name, stage = given["pipelineName"], given["stageName"]
        good = self._execution({**given, "pipelineExecutionId": given["targetPipelineExecutionId"]})
        current = self._kept(name)["pipeline"]["version"]
        if good["stages"].get(stage, {}).get("status") != "Succeeded" or good["pipeline"]["version"] != current:
            message = f"{good['id']} did not pass {stage} in the present structure of {name}"
            raise Refused("UnableToRollbackStageException", message)
        trigger = {"triggerType": "ManualRollback", "triggerDetail": caller()}
        return {"pipelineExecutionId": self.runner.roll_back(name, stage, good, trigger)["id"]}

    def _enable(self, given: Given) -> dict[str, Any]:
        return self._transition(given, lambda disabled: disabled.pop(given["stageName"], None))

    def _disable(self, given: Given) -> dict[str, Any]:
        return self._transition(given, lambda disabled: disabled.update({given["stageName"]: given["reason"]}))

    def _transition(self, given: Given, change: Any) -> dict[str, Any]:
        if given.get("transitionType") != "Inbound":
            raise Refused("ValidationException", "The local CodePipeline closes inbound transitions alone")
        kept = self._kept(given["pipelineName"])
        change(kept["disabled"])
        self.pipelines.put(given["pipelineName"], kept)
        return {}

    def _resource(self, action: str, given: Given) -> str:
        """A pipeline, or a stage or an action of it: `pipeline/stage/action`."""
        name = str(given.get("pipelineName") or given.get("name") or (given.get("pipeline") or {}).get("name") or "")
        if not name or action == "ListPipelines":
            return "*"
        deeper = {"PutApprovalResult": ("stageName", "actionName")}
        deeper |= dict.fromkeys(
            ("RetryStageExecution", "RollbackStage", "EnableStageTransition", "DisableStageTransition"), ("stageName",)
        )
        return "/".join([self.arn(name), *(str(given.get(part)) for part in deeper.get(action, ()))])
