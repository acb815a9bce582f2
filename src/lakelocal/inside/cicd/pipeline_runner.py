"""Executions of pipelines: stage after stage, one execution a stage, a newer one before an older one that waits.

An execution is a record that is kept at each step; after a restart of the local cloud it goes on where it was.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.cicd.codebuild import CodeBuild
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.connections import Connections
from lakelocal.inside.cicd.events import emit
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.mirrors import Mirrors
from lakelocal.inside.cicd.pipeline_actions import ACTIONS, Acting, ActionFailed, settings_of
from lakelocal.inside.cicd.pipeline_turns import Interrupted, Turns
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host

PRINCIPAL = "codepipeline.amazonaws.com"
logger = logging.getLogger("lakelocal.cicd")


class Runner:
    """Runs executions in threads of their own. `pipelines` holds, by name, what stands now."""

    def __init__(
        self,
        host: Host,
        pipelines: Records,
        executions: Records,
        codecommit: CodeCommit,
        codebuild: CodeBuild,
        connections: Connections,
        mirrors: Mirrors,
    ) -> None:
        self.host, self.codecommit, self.codebuild, self.connections = host, codecommit, codebuild, connections
        self.mirrors = mirrors
        self._pipelines, self._executions = pipelines, executions
        self._turns = Turns(lambda stage, name: stage in ((pipelines.get(name) or {}).get("disabled") or {}))
        self._threads: dict[str, threading.Thread] = {}
        self.closing = False
        host.on_ready(self._go_on)
        host.on_stop(self._close)

    def begin(self, name: str, variables: dict[str, str], trigger: dict[str, str], **more: Any) -> Document:
        """A new execution of a pipeline as it stands now."""
        kept = self._pipelines.get(name)
        assert kept is not None
        number, now = str(uuid.uuid4()), time.time()
        execution: Document = {
            "id": number,
            "pipeline": copy.deepcopy(kept["pipeline"]),
            "variables": variables,
            "status": "InProgress",
            "startTime": now,
            "lastUpdateTime": now,
            "trigger": trigger,
            "type": "STANDARD",
            "wanted": {},
            "artifacts": {},
            "revisions": {},
            "commit": "",
            "namespaces": {"variables": variables, "codepipeline": {"PipelineExecutionId": number}},
            "stages": {},
            **more,
        }
        execution["namespaces"]["codepipeline"] = {"PipelineExecutionId": number}
        self._executions.put(number, execution)
        self.go(execution)
        return execution

    def go(self, execution: Document) -> None:
        """Run it, or what is left of it."""
        thread = threading.Thread(target=self._run, args=(execution,), daemon=True, name=execution["id"])
        self._threads[execution["id"]] = thread
        thread.start()

    def changed(self, execution: Document) -> None:
        """Keep the record, and wake whoever waits for something."""
        execution["lastUpdateTime"] = time.time()
        self._executions.put(execution["id"], execution)
        self._turns.wake()

    def wait(self, seconds: float) -> None:
        self._turns.wait(seconds)

    def of(self, name: str) -> list[Document]:
        """The executions of a pipeline, the newest first."""
        found = [one for one in self._executions.values() if one["pipeline"]["name"] == name]
        return sorted(found, key=lambda one: -float(one["startTime"]))

    def roll_back(self, name: str, stage: str, good: Document, trigger: dict[str, str]) -> Document:
        """Run one stage again with what a successful execution ran it with."""
        kept = ("artifacts", "revisions", "namespaces", "commit")
        same = {one: copy.deepcopy(good[one]) for one in kept}
        more = {**same, "type": "ROLLBACK", "target": good["id"], "only": stage}
        return self.begin(name, good["variables"], trigger, **more)

    def last_good(self, failed: Document, stage: str) -> Document | None:
        """The newest execution of the same structure that passed this stage."""
        name, version = failed["pipeline"]["name"], failed["pipeline"]["version"]
        for one in self.of(name):
            passed = one["stages"].get(stage, {}).get("status") == "Succeeded"
            if one["id"] != failed["id"] and passed and one["pipeline"]["version"] == version:
                return one
        return None

    def _run(self, execution: Document) -> None:
        self._tell(execution, "Pipeline", "STARTED")
        only = execution.get("only")
        try:
            for stage in execution["pipeline"]["stages"]:
                if only not in (None, stage["name"]) or _passed(execution, stage["name"]):
                    continue
                end = self._turns.enter(execution, stage["name"]) or self._guarded_stage(execution, stage)
                if end:
                    self._end(execution, end, stage)
                    return
            self._end(execution, "Succeeded", None)
        except Interrupted:
            return
        except Exception as error:
            logger.exception("execution %s", execution["id"])
            execution["summary"] = f"Internal service failure: {type(error).__name__}: {error}"
            self._end(execution, "Failed", None)

    def _end(self, execution: Document, status: str, stage: Document | None) -> None:
        execution["status"] = status
        self.changed(execution)
        self._tell(execution, "Pipeline", status.upper())
        rolls = stage is not None and (stage.get("onFailure") or {}).get("result") == "ROLLBACK"
        if status != "Failed" or not rolls or stage is None or execution["type"] == "ROLLBACK":
            return
        good = self.last_good(execution, stage["name"])
        if good is not None:
            trigger = {"triggerType": "AutomatedRollback", "triggerDetail": execution["id"]}
            self.roll_back(execution["pipeline"]["name"], stage["name"], good, trigger)

    def _guarded_stage(self, execution: Document, stage: Document) -> str | None:
        try:
            return self._stage(execution, stage)
        finally:
            self._turns.leave(execution, stage["name"])

    def _stage(self, execution: Document, stage: Document) -> str | None:
        """Run the stage's actions in their order; None if all passed, else how the execution ends."""
        at = execution["stages"].setdefault(stage["name"], {"actions": {}})
        at["status"] = "InProgress"
        self.changed(execution)
        self._tell(execution, "Stage", "STARTED", stage=stage["name"])
        orders = sorted({int(action.get("runOrder", 1)) for action in stage["actions"]})
        status = "Succeeded"
        for order in orders:
            actions = [one for one in stage["actions"] if int(one.get("runOrder", 1)) == order]
            todo = [one for one in actions if at["actions"].get(one["name"], {}).get("status") != "Succeeded"]
            threads = [threading.Thread(target=self._action, args=(execution, stage, one), daemon=True) for one in todo]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if self.closing:
                raise Interrupted
            if any(at["actions"][one["name"]]["status"] != "Succeeded" for one in actions):
                status = "Stopped" if execution.get("stop") else "Failed"
                break
            if execution.get("stop") and order != orders[-1]:
                status = "Stopped"
                break
        at["status"] = status
        self.changed(execution)
        self._tell(execution, "Stage", status.upper(), stage=stage["name"])
        return None if status == "Succeeded" else status

    def _action(self, execution: Document, stage: Document, action: Document) -> None:
        runs = execution["stages"][stage["name"]]["actions"]
        run = runs.get(action["name"])
        if run is None or run["status"] != "InProgress":
            run = runs[action["name"]] = {"actionExecutionId": str(uuid.uuid4()), "startTime": time.time()}
        run |= {"status": "InProgress", "lastStatusChange": time.time()}
        self.changed(execution)
        self._tell(execution, "Action", "STARTED", stage=stage["name"], action=action["name"])
        try:
            found = self._acted(execution, stage, action, run)
            if action.get("namespace"):
                execution["namespaces"][action["namespace"]] = found
            run |= {"status": "Succeeded", "outputVariables": found}
        except Interrupted:
            return
        except ActionFailed as failed:
            run |= {"status": "Failed", "errorDetails": {"code": failed.code, "message": failed.message}}
        except (ClientError, Refused, UnknownRole) as error:
            denied = isinstance(error, UnknownRole) or "AccessDenied" in str(error)
            code = "PermissionError" if denied else "ConfigurationError"
            run |= {"status": "Failed", "errorDetails": {"code": code, "message": str(error)}}
        except Exception as error:
            logger.exception("action %s of %s", action["name"], execution["id"])
            run |= {"status": "Failed", "errorDetails": {"code": "InternalError", "message": str(error)}}
        if self.closing and run["status"] == "Failed":
            run["status"] = "InProgress"  # what fails while everything stops is done again
            return
        run["lastStatusChange"] = time.time()
        self.changed(execution)
        self._tell(execution, "Action", run["status"].upper(), stage=stage["name"], action=action["name"])

    def _acted(self, execution: Document, stage: Document, action: Document, run: Document) -> dict[str, str]:
        pipeline = execution["pipeline"]
        who = self.host.role_credentials(pipeline["roleArn"], execution["id"], PRINCIPAL)
        settings = settings_of(execution, action)
        bucket = pipeline["artifactStore"]["location"]
        at = Acting(self, execution, stage["name"], action, settings, run, who, bucket)
        return ACTIONS[action["actionTypeId"]["provider"]](at)

    def _tell(self, execution: Document, kind: str, state: str, **more: str) -> None:
        pipeline = execution["pipeline"]
        detail = {"pipeline": pipeline["name"], "execution-id": execution["id"], "version": pipeline["version"]}
        arn = f"arn:aws:codepipeline:{self.host.region}:{self.host.account}:{pipeline['name']}"
        event = f"CodePipeline {kind} Execution State Change"
        if lost := emit("aws.codepipeline", event, {**detail, "state": state, **more}, arn):
            execution["summary"] = lost
            self.changed(execution)

    def _go_on(self) -> None:
        """Executions of the host before this one."""
        for execution in self._executions.values():
            if execution["status"] == "InProgress" and execution["id"] not in self._threads:
                self.go(execution)

    def _close(self) -> None:
        self.closing = True
        self._turns.close()


def _passed(execution: Document, stage: str) -> bool:
    return bool(execution["stages"].get(stage, {}).get("status") == "Succeeded")
