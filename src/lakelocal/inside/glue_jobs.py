"""Glue jobs that really run: the deployed script, under the deployed arguments, as the job's role, in a local Spark."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lakelocal.inside.door import Host
from lakelocal.inside.glue_arguments import Refused, read_job
from lakelocal.inside.glue_pool import Pool
from lakelocal.inside.glue_runs import LIVING, JobRun, actor_of, new_run
from lakelocal.inside.glue_size import wrong_size
from lakelocal.inside.hook import Hook
from lakelocal.inside.spark_runs import Runs

GLUE = "ministack.services.glue"
HOOKS = (
    Hook(GLUE, "_create_job", ("data",)),
    Hook(GLUE, "_update_job", ("data",)),
    Hook(GLUE, "_delete_job", ("data",)),
    Hook(GLUE, "_start_job_run", ("data",)),
    Hook(GLUE, "_get_job_runs", ("data",)),
    Hook(GLUE, "_batch_stop_job_run", ("data",)),
    Hook(GLUE, "_jobs"),
    Hook(GLUE, "_job_runs"),
    Hook("ministack.services.eventbridge", "_put_events", ("data", "allow_aws_source")),
    Hook("ministack.core.responses", "request_scope", ("account_id", "region")),
)
KEPT = ("ExecutionProperty", "ExecutionClass", "LogUri", "NotificationProperty", "JobMode", "SourceControlDetails")
INTERRUPTED = "The local cloud stopped while this run was going on; start the job again."


def install(host: Host, runs: Runs, pool: Pool) -> None:
    """Put our job functions in the place of MiniStack's."""
    from ministack.services import glue

    jobs = Jobs(host, runs, pool, (glue._create_job, glue._update_job, glue._delete_job))
    glue._create_job, glue._update_job, glue._delete_job = jobs.create, jobs.update, jobs.delete
    glue._start_job_run, glue._get_job_runs, glue._batch_stop_job_run = jobs.start_run, jobs.list_runs, jobs.stop_runs
    host.on_ready(jobs.resume)


class Jobs:
    """Glue's job actions as this host answers them. Every method takes a request and gives a response."""

    def __init__(self, host: Host, runs: Runs, pool: Pool, originals: tuple[Any, Any, Any]) -> None:
        self._host, self._runs, self._pool = host, runs, pool
        self._create, self._update, self._delete = originals

    def create(self, data: dict[str, Any]) -> Any:
        return self._changed(self._create(data), data.get("Name"), data)

    def update(self, data: dict[str, Any]) -> Any:
        return self._changed(self._update(data), data.get("JobName"), data.get("JobUpdate") or {})

    def delete(self, data: dict[str, Any]) -> Any:
        from ministack.services import glue

        for run in glue._job_runs.get(data.get("JobName"), []):
            self._runs.stop(run["Id"])
        self._host.spawn(self._pool.retire, str(data.get("JobName")))
        return self._delete(data)

    def start_run(self, data: dict[str, Any]) -> Any:
        from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
        from ministack.services import glue

        job = glue._jobs.get(data.get("JobName"))
        if job is None:
            return error_response_json("EntityNotFoundException", f"Job {data.get('JobName')} not found", 400)
        runs = glue._job_runs.setdefault(job["Name"], [])
        most = int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1)
        if sum(run["JobRunState"] in LIVING for run in runs) >= most:
            return error_response_json(
                "ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}", 400
            )
        try:
            asked = read_job(job, data.get("Arguments") or {})
        except Refused as refused:
            return error_response_json("InvalidInputException", str(refused), 400)
        if problem := wrong_size(job, data):
            return error_response_json("InvalidInputException", problem, 400)
        shown = new_run(job, data, asked.log_group)
        runs.append(shown)
        JobRun(dict(job), shown, asked, get_region(), get_account_id(), self._runs.start).begin()
        return json_response({"JobRunId": shown["Id"]})

    def list_runs(self, data: dict[str, Any]) -> Any:
        """Newest first."""
        from ministack.core.responses import error_response_json, json_response
        from ministack.services import glue

        name = data.get("JobName")
        if glue._jobs.get(name) is None:
            return error_response_json("EntityNotFoundException", f"Job {name} not found", 400)
        start, most = int(data.get("NextToken") or 0), int(data.get("MaxResults") or 200)
        runs = list(reversed(glue._job_runs.get(name, [])))
        more = {"NextToken": str(start + most)} if start + most < len(runs) else {}
        return json_response({"JobRuns": runs[start : start + most], **more})

    def stop_runs(self, data: dict[str, Any]) -> Any:
        from ministack.core.responses import json_response
        from ministack.services import glue

        name = data.get("JobName")
        known = {run["Id"]: run for run in glue._job_runs.get(name, [])}
        stopped, errors = [], []
        for run in data.get("JobRunIds") or []:
            if run in known and self._runs.stop(run):
                stopped.append({"JobName": name, "JobRunId": run})
                continue
            code, message = "JobRunNotFoundException", f"Run {run} of job {name} not found"
            if run in known:
                code, message = "InvalidInputException", f"Run {run} is in state {known[run]['JobRunState']}"
            detail = {"ErrorCode": code, "ErrorMessage": message}
            errors.append({"JobName": name, "JobRunId": run, "ErrorDetail": detail})
        return json_response({"SuccessfulSubmissions": stopped, "Errors": errors})

    def resume(self) -> None:
        """After a restart: what ran has failed, and the jobs that are deployed get their engines."""
        from ministack.core.responses import request_scope
        from ministack.services import glue

        for runs in list(glue._job_runs.to_dict().values()):
            for run in runs:
                if run["JobRunState"] in LIVING and run["StartedOn"] < _PROCESS_STARTED:
                    run.update(JobRunState="FAILED", ErrorMessage=INTERRUPTED, CompletedOn=time.time())
        for (account, region, _), job in list(glue._jobs.to_dict().items()):
            with request_scope(account, region):
                self._prepare(job, account, region)

    def _changed(self, response: Any, name: Any, data: Mapping[str, Any]) -> Any:
        from ministack.core.responses import get_account_id, get_region
        from ministack.services import glue

        if response[0] == 200 and name in glue._jobs:
            job = glue._jobs[name]
            job.update({field: data[field] for field in KEPT if field in data})
            self._host.spawn(self._prepare, dict(job), get_account_id(), get_region())
        return response

    def _prepare(self, job: Mapping[str, Any], account: str, region: str) -> None:
        if self._host.cold:
            return
        try:
            asked = read_job(job, {})
        except Refused:
            return  # a run will say so
        if asked.gains_by_warmth:
            self._runs.prepare(str(job["Name"]), actor_of(job, account), region, asked)


_PROCESS_STARTED = time.time()
