"""Every argument of the deployed Glue job is needed: a copy of the job without one of its entries fails and says why.

The entries are read from the template, so one that is added is tried too. The copies run the plan of a run that was
published, under a run id of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lakectl.lint.document import read, text_of
from lakectl.target import Target

pytestmark = pytest.mark.slow
TEMPLATE = Path(__file__).parents[2] / "pipelines/stage-b-job.yaml"
SEPARATORS = {"--conf": " --conf ", "--extra-jars": ",", "--extra-py-files": ",", "--datalake-formats": ","}
LOGS = "--custom-logGroup-prefix"
PATIENCE = 240.0
COPIED = ("Role", "Command", "GlueVersion", "WorkerType", "NumberOfWorkers")
NAMED_BY = {
    "Deequ": "com.amazon.deequ",
    "Dqdl": "software.amazon.glue.dqdl",
    "Lake": "No module named 'lake'",
    "PyDeequ": "No module named 'pydeequ'",
    "iceberg": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.extensions": "spark.sql.extensions",
    "spark.sql.catalog.glue_catalog": "glue_catalog",
    "spark.sql.catalog.glue_catalog.catalog-impl": "spark.sql.catalog.glue_catalog.catalog-impl",
    "spark.sql.session.timeZone": "spark.sql.session.timeZone",
}
"""What the error must name when an entry is missing."""


def declared() -> dict[str, str]:
    """The job's default arguments as the template writes them."""
    job = read(TEMPLATE.read_text())["Resources"]["Job"]["Properties"]
    return {name: text_of(value) for name, value in job["DefaultArguments"].items()}


def entries(name: str, text: str) -> list[str]:
    return [entry.strip() for entry in text.split(SEPARATORS[name])]


def name_of(entry: str) -> str:
    """The short name of an entry: of a setting without its value, of an object without its bucket."""
    return entry.partition("=")[0].rpartition("/")[2].strip("${}")


CASES = [
    pytest.param(name, place, name_of(entry), id=f"{name} {name_of(entry)}")
    for name, text in declared().items()
    if name in SEPARATORS
    for place, entry in enumerate(entries(name, text))
]


def without(arguments: Mapping[str, str], name: str, place: int) -> dict[str, str]:
    """The arguments with one entry left out; an argument that has no other entry is left out whole."""
    kept = [entry for number, entry in enumerate(entries(name, arguments[name])) if number != place]
    rest = {other: value for other, value in arguments.items() if other != name}
    return {**rest, name: SEPARATORS[name].join(kept)} if kept else rest


def deployed(target: Target) -> dict[str, Any]:
    name = target.setting("stage-b", "aviation", "job-name")
    job: dict[str, Any] = target.client("glue").get_job(JobName=name)["Job"]
    return job


def planned(target: Target, run: str) -> dict[str, str]:
    """The arguments of a run that is to do what the first run of airports did, which changes nothing any more."""
    s3, bucket = target.client("s3"), target.setting("storage", "platform", "stage-bucket")
    runs = "aviation/airports/runs"
    plan = json.loads(s3.get_object(Bucket=bucket, Key=f"{runs}/r00000001/plan.json")["Body"].read())
    s3.put_object(Bucket=bucket, Key=f"{runs}/{run}/plan.json", Body=json.dumps(plan | {"run": run}).encode())
    return {"--plan": f"s3://{bucket}/{runs}/{run}/plan.json", "--result": f"s3://{bucket}/{runs}/{run}/result.json"}


def outcome(target: Target, arguments: Mapping[str, str], run: str) -> tuple[str, str]:
    """State and error of a run of a copy of the deployed job that has these default arguments."""
    glue, job = target.client("glue"), deployed(target)
    name = f"{job['Name']}-{run}"
    copied = {field: job[field] for field in COPIED}
    glue.create_job(Name=name, **copied, DefaultArguments=dict(arguments), Timeout=5)
    try:
        started = glue.start_job_run(JobName=name, Arguments=planned(target, run))["JobRunId"]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = glue.get_job_run(JobName=name, RunId=started)["JobRun"]
            if found["JobRunState"] not in ("STARTING", "RUNNING", "WAITING"):
                return found["JobRunState"], found.get("ErrorMessage", "")
            time.sleep(0.2)
        return "still running", ""
    finally:
        glue.delete_job(JobName=name)


@pytest.mark.parametrize(("name", "place", "entry"), CASES)
def test_the_job_fails_without_an_entry_and_names_it(
    lake: Any, journey: Any, name: str, place: int, entry: str
) -> None:
    arguments = without(deployed(lake.target)["DefaultArguments"], name, place)
    state, error = outcome(lake.target, arguments, f"r9{sorted(SEPARATORS).index(name)}00000{place}")
    assert state == "FAILED"
    assert NAMED_BY[entry] in error


def test_a_copy_of_the_job_with_every_entry_succeeds(lake: Any, journey: Any) -> None:
    arguments = deployed(lake.target)["DefaultArguments"]
    assert outcome(lake.target, arguments, "r99000000") == ("SUCCEEDED", "")


def test_the_jobs_lines_lie_in_the_group_that_its_argument_names(lake: Any, journey: Any) -> None:
    target = lake.target
    job = deployed(target)
    logs, group = target.client("logs"), f"{job['DefaultArguments'][LOGS]}/output"
    runs = target.client("glue").get_job_runs(JobName=job["Name"])["JobRuns"]
    done = next(run["Id"] for run in runs if run["JobRunState"] == "SUCCEEDED")
    events = logs.get_log_events(logGroupName=group, logStreamName=done)["events"]
    assert any('"status": "published"' in event["message"] for event in events)


def test_no_other_argument_is_declared() -> None:
    assert set(declared()) == {*SEPARATORS, LOGS}
