"""Glue jobs on the real host: the deployed script runs in Spark, as the job's role, under the job's arguments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakelocal import cloud
from local.conftest import ROOT
from local.glue_lab import BUCKET, Lab, furnish, role_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if not (ROOT / ".lake" / "envs" / "spark").exists():
        pytest.fail("Spark is not installed: run `make setup`")
    state = tmp_path_factory.mktemp("spark-cloud")
    lab = Lab(cloud.up(ROOT, state=state))
    try:
        furnish(lab, tmp_path_factory.mktemp("files"))
        yield lab
    finally:
        cloud.down(ROOT, state=state)


@pytest.fixture(scope="module")
def published(lab: Lab) -> list[dict[str, Any]]:
    """What the lake-like job found, in two runs of it."""
    job = lab.job("publish", (Path(__file__).parent / "glue_scripts" / "publish.py").read_text())
    facts = []
    for number in range(2):
        run = lab.run(
            job,
            source=f"s3://{BUCKET}/staged/rows.parquet",
            table="glue_catalog.lab.flights",
            bucket=BUCKET,
            result=f"results/{number}.json",
        )
        assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"] + lab.log("error", run["Id"])
        facts.append(lab.object(f"results/{number}.json") | {"run": run["Id"]})
    return facts


def test_a_job_publishes_checked_rows_through_the_glue_catalog(published: list[dict[str, Any]]) -> None:
    assert [facts["published"] for facts in published] == [900, 900]


def test_python_functions_of_a_shipped_package_run_in_spark(published: list[dict[str, Any]]) -> None:
    assert published[0]["shouted"] == "A"


def test_a_script_gets_glues_arguments_and_its_own(published: list[dict[str, Any]]) -> None:
    arguments = published[0]["arguments"]
    assert arguments[:2] == ["--JOB_NAME", "publish"]
    assert arguments[arguments.index("--JOB_RUN_ID") + 1] == published[0]["run"]
    assert "--result" in arguments
    assert "--conf" not in arguments


def test_runs_share_a_warm_engine_and_see_nothing_of_each_other(published: list[dict[str, Any]]) -> None:
    assert published[0]["process"] == published[1]["process"]
    assert published[1]["left_behind"] == []


def test_a_script_sees_nothing_of_the_host(published: list[dict[str, Any]]) -> None:
    facts = published[1]
    assert not {"lake", "lakelocal", "ministack", "SPARK_HOME"} & {*facts["modules"], *facts["environment"]}
    assert not [entry for entry in facts["path"] if entry.startswith(str(ROOT / "src"))]
    assert not [name for name in facts["environment"] if name in ("AWS_ACCESS_KEY_ID", "PYTHONPATH")]


def test_what_a_script_prints_is_in_the_runs_log(lab: Lab, published: list[dict[str, Any]]) -> None:
    assert "published 900" in lab.log("output", published[0]["run"])


def test_an_exception_fails_the_run_with_its_class_and_message(lab: Lab) -> None:
    job = lab.job(
        "raises", "import sys\nif '--text' in sys.argv: sys.exit('no rows today')\nraise ValueError('bad row')"
    )
    assert lab.run(job)["ErrorMessage"] == "ValueError: bad row"
    ended = lab.run(job, text="yes")
    assert (ended["JobRunState"], ended["ErrorMessage"]) == ("FAILED", "SystemExit: no rows today")


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate().stop()", "SUCCEEDED"),
        ("import sys; sys.exit(0)", "SUCCEEDED"),
        ("import os; os._exit(3)", "FAILED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "FAILED"),
    ],
)
def test_however_a_script_ends_the_next_run_works(lab: Lab, ending: str, state: str) -> None:
    bad = lab.job(f"ends-{abs(hash(ending))}", ending)
    assert lab.run(bad)["JobRunState"] == state
    good = lab.job(
        f"follows-{bad}",
        "from pyspark.sql import SparkSession\nassert SparkSession.builder.getOrCreate().range(3).count() == 3",
    )
    assert lab.run(good)["JobRunState"] == "SUCCEEDED"
    for job in (bad, good):
        lab.client("glue").delete_job(JobName=job)


def test_a_role_that_may_not_read_the_script_cannot_run_it(lab: Lab) -> None:
    role = role_of(lab, "lab-blind", f"arn:aws:s3:::{BUCKET}/staged/*")
    ended = lab.run(lab.job("blind", "print('never')", role))
    assert ended["JobRunState"] == "FAILED"
    assert "AccessDenied" in ended["ErrorMessage"]


def test_a_role_that_may_not_log_leaves_no_stream(lab: Lab) -> None:
    role = role_of(lab, "lab-silent", f"arn:aws:s3:::{BUCKET}/*", logs="arn:aws:logs:*:*:log-group:/another:*")
    ended = lab.run(lab.job("silent", "print('unheard')", role))
    assert ended["JobRunState"] == "SUCCEEDED"
    with pytest.raises(lab.client("logs").exceptions.ResourceNotFoundException):
        lab.log("output", ended["Id"])


def test_a_script_acts_as_the_jobsrole_of(lab: Lab) -> None:
    script = "import boto3\nboto3.client('s3').delete_object(Bucket='glue-lab', Key='staged/rows.parquet')"
    ended = lab.run(lab.job("deletes", script))
    assert "not authorized to perform: s3:DeleteObject" in ended["ErrorMessage"]


def test_runs_can_be_stopped_while_they_run_and_while_they_wait(lab: Lab) -> None:
    job = lab.job("sleeps", "import time; time.sleep(300)", ExecutionProperty={"MaxConcurrentRuns": 2})
    runs = [lab.start(job), lab.start(job)]
    with pytest.raises(lab.client("glue").exceptions.ClientError, match="Concurrent runs exceeded"):
        lab.start(job)
    lab.wait(job, runs[0], ("RUNNING",))
    assert lab.state(job, runs[1]) == "STARTING"
    for run in reversed(runs):
        answer = lab.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run])
        assert [one["JobRunId"] for one in answer["SuccessfulSubmissions"]] == [run]
    assert [lab.wait(job, run)["JobRunState"] for run in runs] == ["STOPPED", "STOPPED"]


def test_a_failed_run_is_tried_again_under_a_new_id(lab: Lab) -> None:
    job = lab.job("fails-twice", "raise RuntimeError('again')", MaxRetries=1)
    first = lab.start(job)
    again = f"{first}_attempt_1"
    lab.wait(job, first)
    shown = lab.wait(job, again)
    assert (shown["Attempt"], shown["PreviousRunId"], shown["JobRunState"]) == (1, first, "FAILED")
    assert [run["Id"] for run in lab.client("glue").get_job_runs(JobName=job)["JobRuns"]] == [again, first]


@pytest.mark.parametrize(
    "different", [{"GlueVersion": "4.0"}, {"Command": {"Name": "pythonshell", "ScriptLocation": "s3://b/k.py"}}]
)
def test_a_job_of_another_kind_is_refused_by_name(lab: Lab, different: dict[str, Any]) -> None:
    job = lab.job(f"other-{min(different)}", "print(1)", **different)
    with pytest.raises(lab.client("glue").exceptions.InvalidInputException, match="Locally only"):
        lab.start(job)
