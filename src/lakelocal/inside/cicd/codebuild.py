"""CodeBuild: projects, builds that run as processes of this machine, their logs and reports."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from lakelocal.inside.cicd.build import Build, minutes
from lakelocal.inside.cicd.build_project import wrong_project
from lakelocal.inside.cicd.build_shell import end_all
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.events import emit
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Service
from lakelocal.inside.door import Host
from lakelocal.inside.glue_credentials import CredentialServer

INTERRUPTED = "The local cloud was stopped while the build ran."
logger = logging.getLogger("lakelocal.cicd")


class CodeBuild:
    """Projects and builds are kept; a build runs in a thread, as many at a time as the machine has cores."""

    def __init__(self, host: Host, folder: Path, repositories: CodeCommit) -> None:
        self._host, self._repositories = host, repositories
        self.projects = Records(folder / "projects")
        self.builds = Records(folder / "builds")
        self._reports = Records(folder / "reports")
        self._running: dict[str, Build] = {}
        self._turns = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))
        self._server: CredentialServer | None = None
        self._stopping = threading.Event()
        verbs = {
            "CreateProject": self.create_project,
            "UpdateProject": self.update_project,
            "DeleteProject": self.delete_project,
            "BatchGetProjects": self._batch_get_projects,
            "ListProjects": lambda given: {"projects": [name for name, _ in self.projects]},
            "StartBuild": self.start,
            "StopBuild": self._stop,
            "BatchGetBuilds": self._batch_get,
            "ListBuilds": lambda given: {"ids": self._ids()},
            "ListBuildsForProject": lambda given: {"ids": self._ids(self._project(given["projectName"])["name"])},
            "BatchGetReports": self._batch_get_reports,
            "ListReports": lambda given: {"reports": [arn for arn, _ in self._reports]},
            "DescribeTestCases": self._test_cases,
        }
        self.service = Service("codebuild", "CodeBuild_20161006", verbs, self._resource)
        host.on_ready(self._mark_interrupted)
        host.on_stop(self._close)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:codebuild:{self._host.region}:{self._host.account}:{kind}/{name}"

    def create_project(self, given: Given) -> dict[str, Any]:
        name = given["name"]
        if self.projects.get(name):
            raise Refused("ResourceAlreadyExistsException", f"Project already exists: {self.arn('project', name)}")
        return self._keep(given, time.time())

    def update_project(self, given: Given) -> dict[str, Any]:
        kept = self._project(given["name"])
        return self._keep({**kept, **given}, kept["created"])

    def delete_project(self, given: Given) -> dict[str, Any]:
        self.projects.forget(given["name"])
        return {}

    def _keep(self, given: Given, created: float) -> dict[str, Any]:
        wrong = wrong_project(given)
        if wrong:
            raise Refused("InvalidInputException", wrong)
        name = given["name"]
        kept = {**given, "arn": self.arn("project", name), "created": created, "lastModified": time.time()}
        self.projects.put(name, kept)
        return {"project": kept}

    def _project(self, name: str) -> Document:
        found = self.projects.get(name)
        if found is None:
            raise Refused("ResourceNotFoundException", f"Project cannot be found: {self.arn('project', name)}")
        return found

    def _batch_get_projects(self, given: Given) -> dict[str, Any]:
        names = given["names"]
        return {
            "projects": [found for name in names if (found := self.projects.get(name))],
            "projectsNotFound": [name for name in names if not self.projects.get(name)],
        }

    def start(self, given: Given, initiator: str = "user") -> dict[str, Any]:
        """Start a build of a project that has its own source."""
        project = self._project(given["projectName"])
        if project["source"]["type"] == "CODEPIPELINE":
            raise Refused("InvalidInputException", "Builds of a project whose source is CODEPIPELINE are started by it")
        place = {"": project["source"].get("location", "")} if project["source"]["type"] == "S3" else {}
        overlay = given.get("environmentVariablesOverride") or []
        spec, version = given.get("buildspecOverride"), str(given.get("sourceVersion") or "")
        return {"build": self.begin(project, overlay, place, {}, initiator, spec, version)}

    def begin(
        self,
        project: Document,
        overlay: list[dict[str, str]],
        inputs: dict[str, str],
        outputs: dict[str, str],
        initiator: str,
        buildspec: str | None = None,
        version: str = "",
    ) -> Document:
        """Start a build: `inputs` and `outputs` say where in S3 each artifact lies, the primary one under ""."""
        name, number = project["name"], str(uuid.uuid4())
        source = dict(project["source"]) | ({"buildspec": buildspec} if buildspec else {})
        declared = {one["name"]: one for one in project["environment"].get("environmentVariables") or []}
        declared |= {one["name"]: one for one in overlay}
        log = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
        prefix = f"{log['streamName']}/" if log.get("streamName") else ""
        record: Document = {
            "id": f"{name}:{number}",
            "arn": self.arn("build", f"{name}:{number}"),
            "buildNumber": len(self._ids(name)) + 1,
            "projectName": name,
            "startTime": time.time(),
            "currentPhase": "QUEUED",
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "initiator": initiator,
            "sourceVersion": version,
            "resolvedSourceVersion": version,
            "source": source,
            "environment": {**project["environment"], "environmentVariables": list(declared.values())},
            "serviceRole": project["serviceRole"],
            "timeoutInMinutes": minutes(project.get("timeoutInMinutes") or 60),
            "logs": {
                "groupName": log.get("groupName") or f"/aws/codebuild/{name}",
                "streamName": prefix + number,
                "cloudWatchLogs": {"status": "ENABLED", **log},
            },
            "phases": [{"phaseType": "QUEUED", "startTime": time.time()}],
            "inputs": inputs,
            "outputs": outputs,
        }
        self.builds.put(record["id"], record)
        threading.Thread(target=self._run, args=(record, project), daemon=True, name=record["id"]).start()
        return told(record)

    def _run(self, record: Document, project: Document) -> None:
        if self._server is None:
            self._server = CredentialServer(self._host)
        build = Build(
            self._host, self._server, self._repositories, record, project, lambda: self.builds.put(record["id"], record)
        )
        self._running[record["id"]] = build
        self._tell(record)
        with self._turns:
            queued = record["phases"][0]
            queued |= {"endTime": time.time(), "phaseStatus": "SUCCEEDED"}
            try:
                status = "STOPPED" if record.get("stopAsked") or self._stopping.is_set() else build.run()
            except Exception as error:
                logger.exception("build %s", record["id"])
                status = "FAULT"
                record["phases"].append({"phaseType": "FINALIZING", "contexts": [{"message": str(error)}]})
        for report in build.reports:
            self._reports.put(report["arn"], report)
        self._running.pop(record["id"], None)
        if not self._stopping.is_set():
            self._finish(record, status)

    def _finish(self, record: Document, status: str) -> None:
        now = time.time()
        record["phases"].append({"phaseType": "COMPLETED", "startTime": now})
        record |= {"buildStatus": status, "buildComplete": True, "currentPhase": "COMPLETED", "endTime": now}
        self.builds.put(record["id"], record)
        self._tell(record)

    def _tell(self, record: Document) -> None:
        detail = {
            "build-status": record["buildStatus"],
            "project-name": record["projectName"],
            "build-id": record["arn"],
            "current-phase": record["currentPhase"],
            "version": "1",
        }
        if lost := emit("aws.codebuild", "CodeBuild Build State Change", detail, record["arn"]):
            record["phases"][-1].setdefault("contexts", []).append({"message": lost})
            self.builds.put(record["id"], record)

    def _stop(self, given: Given) -> dict[str, Any]:
        record = self._build(given["id"])
        if not record["buildComplete"]:
            record["stopAsked"] = True
            running = self._running.get(record["id"])
            if running is not None:
                running.end("STOPPED")
        return {"build": told(record)}

    def _build(self, number: str) -> Document:
        found = self.builds.get(number)
        if found is None:
            raise Refused("ResourceNotFoundException", f"Build cannot be found: {number}")
        return found

    def _batch_get(self, given: Given) -> dict[str, Any]:
        numbers = [number.rpartition("build/")[2] for number in given["ids"]]
        return {
            "builds": [told(found) for number in numbers if (found := self.builds.get(number))],
            "buildsNotFound": [number for number in numbers if not self.builds.get(number)],
        }

    def _ids(self, project: str | None = None) -> list[str]:
        found = [one for one in self.builds.values() if project in (None, one["projectName"])]
        return [one["id"] for one in sorted(found, key=lambda one: -float(one["startTime"]))]

    def _batch_get_reports(self, given: Given) -> dict[str, Any]:
        found = [report for arn in given["reportArns"] if (report := self._reports.get(arn))]
        shown = [{name: value for name, value in report.items() if name != "cases"} for report in found]
        return {"reports": shown, "reportsNotFound": [arn for arn in given["reportArns"] if not self._reports.get(arn)]}

    def _test_cases(self, given: Given) -> dict[str, Any]:
        report = self._reports.get(given["reportArn"])
        if report is None:
            raise Refused("ResourceNotFoundException", f"Report cannot be found: {given['reportArn']}")
        return {"testCases": report["cases"]}

    def _mark_interrupted(self) -> None:
        """Builds of the host before this one: their processes end, and they have failed."""
        for record in self.builds.values():
            if not record["buildComplete"] and record["id"] not in self._running:
                end_all(record["id"])
                record["phases"][-1] |= {"phaseStatus": "FAULT", "contexts": [{"message": INTERRUPTED}]}
                self._finish(record, "FAULT")

    def _close(self) -> None:
        self._stopping.set()
        for build in list(self._running.values()):
            build.end("STOPPED")
        if self._server is not None:
            self._server.stop()

    def _resource(self, action: str, given: Given) -> str:
        if action.startswith(("BatchGetReports", "DescribeTestCases")):
            arn = str(given.get("reportArn") or next(iter(given.get("reportArns") or []), "*"))
            return arn.rpartition(":")[0].replace(":report/", ":report-group/") or "*"
        named = given.get("projectName") or given.get("name") or next(iter(given.get("names") or []), "")
        build = given.get("id") or next(iter(given.get("ids") or []), "")
        name = str(named or str(build).rpartition("/")[2].partition(":")[0])
        return self.arn("project", name) if name else "*"


def told(record: Document) -> Document:
    """A build without what only we need to know."""
    return {name: value for name, value in record.items() if name not in ("inputs", "outputs", "stopAsked")}
