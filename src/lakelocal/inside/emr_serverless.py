"""EMR Serverless: applications, and their job runs on the Spark of this machine, as the role of each run."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from lakelocal.inside import emr_types, rest_service
from lakelocal.inside.cicd import events
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import caller
from lakelocal.inside.door import Host
from lakelocal.inside.emr_arguments import read_run
from lakelocal.inside.emr_runs import LIVING, JobRun, new_run
from lakelocal.inside.glue_arguments import Refused as Unable
from lakelocal.inside.glue_pool import Pool
from lakelocal.inside.hook import Hook
from lakelocal.inside.rest_service import Given, RestService
from lakelocal.inside.spark_runs import Runs

HOOKS = (
    Hook("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"),
    *rest_service.HOOKS,
    *events.HOOKS,
)
NAME = "emr-serverless"
INTERRUPTED = "The local cloud stopped while this run was going on; start the job again."
RESTING = ("CREATED", "STOPPED")
"""States in which an application may be changed or deleted."""
IDLE_MINUTES = 15
MOST_MINUTES = 10_080
MADE_BY_US = ("applicationId", "arn", "createdAt", "updatedAt", "usedAt", "state", "stateDetails")


def install(host: Host, runs: Runs, pool: Pool) -> None:
    """Put the service behind its name, and its type behind CloudFormation."""
    from ministack.services.cloudformation import provisioners

    emr = EmrServerless(host, host.state_folder / NAME, runs, pool)
    emr.service.register()
    provisioners._RESOURCE_HANDLERS.update(emr_types.handlers(emr.create, emr.update, emr.delete))
    host.on_ready(emr.mark_interrupted)


class EmrServerless:
    """The actions of the service. What it keeps outlives the host."""

    def __init__(self, host: Host, folder: Path, runs: Runs, pool: Pool) -> None:
        self._host, self._runs, self._pool = host, runs, pool
        self._applications, self._records = Records(folder / "applications"), Records(folder / "runs")
        verbs = {
            "CreateApplication": self.create,
            "GetApplication": lambda given: {"application": self._shown(given)},
            "ListApplications": self._list,
            "UpdateApplication": self.update,
            "DeleteApplication": self.delete,
            "StartApplication": self._start_application,
            "StopApplication": self._stop_application,
            "StartJobRun": self._start_run,
            "GetJobRun": lambda given: {"jobRun": self._run(given)},
            "ListJobRuns": self._list_runs,
            "CancelJobRun": self._cancel,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": lambda given: {"tags": dict(self._tags(given["resourceArn"]))},
        }
        self.service = RestService(NAME, verbs, self._resource, self._tags)

    def create(self, given: Given) -> dict[str, Any]:
        if self._host.present != self._host.account:
            told = f"Locally applications are in account {self._host.account} alone, and this is {self._host.present}."
            raise Refused("ValidationException", told)
        if str(given.get("type", "")).upper() != "SPARK":
            raise Refused("ValidationException", f"Locally only SPARK applications run, not {given.get('type')}.")
        if not given.get("releaseLabel"):
            raise Refused("ValidationException", "releaseLabel is missing: write emr-7.12.0.")
        now, identifier = time.time(), f"00{secrets.token_hex(7)}"
        made = {
            **{name: value for name, value in given.items() if name != "clientToken"},
            "type": "Spark",
            "applicationId": identifier,
            "arn": f"arn:aws:{NAME}:{self._host.region}:{self._host.account}:/applications/{identifier}",
            "state": "CREATED",
            "stateDetails": "",
            "createdAt": now,
            "updatedAt": now,
            "usedAt": now,
        }
        self._applications.put(identifier, made)
        return {name: made.get(name, "") for name in ("applicationId", "name", "arn")}

    def update(self, given: Given) -> dict[str, Any]:
        application = self._resting(given, "updated")
        changes = {name: value for name, value in given.items() if name not in (*MADE_BY_US, "clientToken")}
        self._keep(application | changes | {"updatedAt": time.time()})
        return {"application": self._shown(given)}

    def delete(self, given: Given) -> dict[str, Any]:
        application = self._resting(given, "deleted")
        self._applications.forget(application["applicationId"])
        self._host.spawn(self._pool.retire, application["applicationId"])
        return {}

    def mark_interrupted(self) -> None:
        """Runs of the host before this one have failed."""
        for shown in self._records.values():
            if shown["state"] in LIVING and shown["createdAt"] < _PROCESS_STARTED:
                self._records.put(shown["jobRunId"], shown | {"state": "FAILED", "stateDetails": INTERRUPTED})

    def _application(self, given: Given) -> Document:
        found = self._applications.get(str(given.get("applicationId")))
        if found is None:
            raise Refused("ResourceNotFoundException", f"Application {given.get('applicationId')} does not exist.")
        idle = (found.get("autoStopConfiguration") or {}).get("idleTimeoutMinutes") or IDLE_MINUTES
        if found["state"] == "STARTED" and not self._living(found) and time.time() - found["usedAt"] > idle * 60:
            self._keep(found | {"state": "STOPPED"})
        return self._applications.get(found["applicationId"]) or found

    def _shown(self, given: Given) -> dict[str, Any]:
        return {name: value for name, value in self._application(given).items() if name != "usedAt"}

    def _resting(self, given: Given, what: str) -> Document:
        application = self._application(given)
        if application["state"] not in RESTING:
            told = f"Application {application['applicationId']} cannot be {what} in state {application['state']}: "
            raise Refused("ValidationException", told + "stop it, or wait until it has stopped by itself.")
        return application

    def _keep(self, application: Document) -> None:
        self._applications.put(application["applicationId"], application)

    def _living(self, application: Document) -> list[Document]:
        mine = application["applicationId"]
        return [one for one in self._records.values() if one["applicationId"] == mine and one["state"] in LIVING]

    def _list(self, given: Given) -> dict[str, Any]:
        named = ("name", "arn", "releaseLabel", "type", "state", "stateDetails", "createdAt", "updatedAt")
        found = [self._application({"applicationId": key}) for key, _ in self._applications]
        return {
            "applications": [
                {"id": one["applicationId"]} | {name: one.get(name, "") for name in named} for one in found
            ]
        }

    def _start_application(self, given: Given) -> dict[str, Any]:
        self._keep(self._application(given) | {"state": "STARTED", "usedAt": time.time()})
        return {}

    def _stop_application(self, given: Given) -> dict[str, Any]:
        application = self._application(given)
        if self._living(application):
            raise Refused("ValidationException", f"Application {application['applicationId']} still has runs.")
        self._keep(application | {"state": "STOPPED"})
        return {}

    def _start_run(self, given: Given) -> dict[str, Any]:
        application = self._application(given)
        token = given.get("clientToken")
        again = next((one for one in self._records.values() if token and one.get("clientToken") == token), None)
        if again is not None:
            return _named(again)
        starts = (application.get("autoStartConfiguration") or {}).get("enabled", True)
        if application["state"] != "STARTED" and not starts:
            raise Refused("ValidationException", f"Application {application['applicationId']} is not started.")
        if not 0 < int(given.get("executionTimeoutMinutes", 720)) <= MOST_MINUTES:
            raise Refused("ValidationException", f"executionTimeoutMinutes is from 1 to {MOST_MINUTES} for a batch.")
        try:
            asked = read_run(application, given)
        except Unable as unable:
            raise Refused("ValidationException", str(unable)) from unable
        shown = new_run(application, given, caller()) | {"clientToken": token}
        self._keep(application | {"state": "STARTED", "usedAt": time.time()})
        self._write(shown)
        JobRun(shown, asked, self._host.region, self._write).begin(self._runs.start)
        return _named(shown)

    def _write(self, shown: Document) -> None:
        self._records.put(shown["jobRunId"], shown)
        application = self._applications.get(shown["applicationId"])
        if application is not None:
            self._keep(application | {"usedAt": time.time()})

    def _run(self, given: Given) -> dict[str, Any]:
        found = self._records.get(str(given.get("jobRunId")))
        if found is None or found["applicationId"] != given.get("applicationId"):
            raise Refused("ResourceNotFoundException", f"Job run {given.get('jobRunId')} does not exist.")
        return {name: value for name, value in found.items() if name != "clientToken"}

    def _list_runs(self, given: Given) -> dict[str, Any]:
        """Newest first."""
        identifier = self._application(given)["applicationId"]
        found = [one for one in self._records.values() if one["applicationId"] == identifier]
        named = (
            "applicationId",
            "arn",
            "createdBy",
            "createdAt",
            "updatedAt",
            "executionRole",
            "state",
            "stateDetails",
        )
        shown = (
            {"id": one["jobRunId"]} | {name: one[name] for name in (*named, "name", "releaseLabel")} for one in found
        )
        return {"jobRuns": sorted(shown, key=lambda one: -float(one["createdAt"]))}

    def _cancel(self, given: Given) -> dict[str, Any]:
        shown = self._run(given)
        if shown["state"] not in LIVING or not self._runs.stop(shown["jobRunId"]):
            raise Refused("ValidationException", f"Job run {shown['jobRunId']} is in state {shown['state']}.")
        return {"applicationId": shown["applicationId"], "jobRunId": shown["jobRunId"]}

    def _tag(self, given: Given) -> dict[str, Any]:
        record = self._of_arn(given["resourceArn"])
        record["tags"] = {**(record.get("tags") or {}), **given["tags"]}
        return {}

    def _untag(self, given: Given) -> dict[str, Any]:
        record, keys = self._of_arn(given["resourceArn"]), given.get("tagKeys") or []
        named = [keys] if isinstance(keys, str) else keys
        record["tags"] = {key: value for key, value in (record.get("tags") or {}).items() if key not in named}
        return {}

    def _tags(self, arn: str) -> dict[str, str]:
        try:
            return dict(self._of_arn(arn).get("tags") or {})
        except Refused:
            return {}

    def _of_arn(self, arn: str) -> Document:
        _, _, path = arn.partition(":/applications/")
        identifier, _, run = path.partition("/jobruns/")
        found = self._records.get(run) if run else self._applications.get(identifier)
        if found is None:
            raise Refused("ResourceNotFoundException", f"There is no {arn}.")
        return found

    def _resource(self, action: str, given: Given) -> str:
        base = f"arn:aws:{NAME}:{self._host.region}:{self._host.account}:/"
        if given.get("resourceArn"):
            return str(given["resourceArn"])
        if not given.get("applicationId"):
            return base
        run = f"/jobruns/{given['jobRunId']}" if given.get("jobRunId") else ""
        return f"{base}applications/{given['applicationId']}{run}"


def _named(shown: Document) -> dict[str, Any]:
    return {name: shown[name] for name in ("applicationId", "jobRunId", "arn")}


_PROCESS_STARTED = time.time()
