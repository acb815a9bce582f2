"""EMR Serverless on the real host: a run's script runs here, as the run's role, and what would differ is refused.

No script of this file starts Spark; that the lake's own job publishes through it is shown by tests/story.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from local.arrange import as_role, grant, make_bucket, role, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
BUCKET = "emr-lab"
GROUP = "/lab/emr"
PYTHONS = ("spark.emr-serverless.driverEnv.PYSPARK_PYTHON", "spark.executorEnv.PYSPARK_PYTHON")
PYTHON = dict.fromkeys(PYTHONS, "/usr/bin/python3.11")
WAITS_OR_FAILS = b"""import sys, time
if sys.argv[1] == 'no': raise ValueError('no')
if sys.argv[1] == 'wait': time.sleep(300)
"""
ENDED = ("SUCCESS", "FAILED", "CANCELLED")
LOGS = ["logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:CreateLogStream", "logs:PutLogEvents"]


@pytest.fixture(scope="module")
def job_role(client: Client) -> str:
    make_bucket(client("s3"), BUCKET)
    allow = [
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/jobs/*"},
        {"Action": LOGS, "Resource": "*"},
    ]
    return role(client("iam"), "emr-serverless.amazonaws.com", allow=allow)


@pytest.fixture(scope="module")
def application(client: Client) -> str:
    return create(client)


def create(client: Client, **more: Any) -> str:
    asked = {
        "name": "lab",
        "type": "SPARK",
        "releaseLabel": "emr-7.12.0",
        "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 1},
        "runtimeConfiguration": [{"classification": "spark-defaults", "properties": PYTHON}],
        "monitoringConfiguration": {"cloudWatchLoggingConfiguration": {"enabled": True, "logGroupName": GROUP}},
    }
    return str(client("emr-serverless").create_application(**(asked | more))["applicationId"])


def start(client: Client, application: str, role_arn: str, script: str, submit: str = "", **more: Any) -> str:
    key = f"jobs/{abs(hash(script))}.py"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=script.encode())
    driver = {"entryPoint": f"s3://{BUCKET}/{key}", "entryPointArguments": ["--plan", "s3://a/b c"]}
    driver |= {"sparkSubmitParameters": submit} if submit else {}
    asked = {"applicationId": application, "executionRoleArn": role_arn, "jobDriver": {"sparkSubmit": driver}}
    return str(client("emr-serverless").start_job_run(**(asked | more))["jobRunId"])


def ended(client: Client, application: str, run: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client("emr-serverless").get_job_run(applicationId=application, jobRunId=run)["jobRun"]
        return found if found["state"] in ENDED else None

    found: dict[str, Any] = until(look, 60)
    return found


def log(client: Client, application: str, run: str, kind: str = "stdout") -> str:
    stream = f"/applications/{application}/jobs/{run}/SPARK_DRIVER/{kind}"
    events = client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream)["events"]
    return "\n".join(event["message"] for event in events)


def test_a_script_gets_its_arguments_and_acts_as_the_role_of_the_run(
    client: Client, application: str, job_role: str
) -> None:
    script = (
        "import sys, os, boto3\nprint(sys.argv[1:], 'GLUE_VERSION' in os.environ)\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])"
    )
    run = start(client, application, job_role, script)
    found = ended(client, application, run)
    assert found["state"] == "SUCCESS", found["stateDetails"]
    said = log(client, application, run).splitlines()
    assert said[0] == "['--plan', 's3://a/b c'] False"
    assert job_role.rsplit("/", 1)[-1] in said[1]
    assert client("emr-serverless").get_application(applicationId=application)["application"]["state"] == "STARTED"


def test_an_exception_fails_the_run_with_its_class_and_message(client: Client, application: str, job_role: str) -> None:
    found = ended(client, application, start(client, application, job_role, "raise ValueError('bad row')"))
    assert (found["state"], found["stateDetails"]) == ("FAILED", "ValueError: bad row")


def test_a_run_without_a_limit_is_refused(client: Client, application: str, job_role: str) -> None:
    with pytest.raises(client("emr-serverless").exceptions.ValidationException, match="from 1 to"):
        start(client, application, job_role, "print(1)", executionTimeoutMinutes=0)


def test_runs_can_be_cancelled_while_they_run_and_while_they_wait(
    client: Client, application: str, job_role: str
) -> None:
    emr, sleeping = client("emr-serverless"), "import time; time.sleep(300)"
    runs = [start(client, application, job_role, sleeping), start(client, application, job_role, sleeping)]
    until(lambda: emr.get_job_run(applicationId=application, jobRunId=runs[0])["jobRun"]["state"] == "RUNNING")
    with pytest.raises(emr.exceptions.ValidationException, match="in state STARTED"):
        emr.update_application(applicationId=application, releaseLabel="emr-7.12.0")
    for run in reversed(runs):
        emr.cancel_job_run(applicationId=application, jobRunId=run)
    assert [ended(client, application, run)["state"] for run in runs] == ["CANCELLED", "CANCELLED"]
    with pytest.raises(emr.exceptions.ValidationException, match="is in state CANCELLED"):
        emr.cancel_job_run(applicationId=application, jobRunId=runs[0])


def test_the_same_token_starts_one_run(client: Client, application: str, job_role: str) -> None:
    runs = [start(client, application, job_role, "print(1)", clientToken="once") for _ in range(2)]
    assert runs[0] == runs[1]
    listed = client("emr-serverless").list_job_runs(applicationId=application)["jobRuns"]
    assert [one["id"] for one in listed].count(runs[0]) == 1


def test_packages_of_an_archive_are_found(client: Client, application: str, job_role: str) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("shipped/words.py", "GREETING = 'moin'\n")
    client("s3").put_object(Bucket=BUCKET, Key="jobs/words.zip", Body=body.getvalue())
    archive_of = f"--archives s3://{BUCKET}/jobs/words.zip#words"
    script = "from shipped.words import GREETING; print(GREETING)"
    with pytest.raises(client("emr-serverless").exceptions.ValidationException, match="not on the path of Python"):
        start(client, application, job_role, script, archive_of)
    path = "--conf spark.emr-serverless.driverEnv.PYTHONPATH=./words --conf spark.executorEnv.PYTHONPATH=./words"
    run = start(client, application, job_role, script, f"{archive_of} {path}")
    assert ended(client, application, run)["state"] == "SUCCESS"
    assert log(client, application, run) == "moin"


@pytest.mark.parametrize(
    ("submit", "told"),
    [
        ("--class org.Main", "does not read '--class'"),
        ("--conf spark.master=local", r"Option 'spark.master' is not supported"),
        ("--conf spark.executor.cores=32", "A worker has 1, 2, 4, 8, 16 vCPU"),
        ("--conf spark.driver.memory=40g", "too large for 4 vCPU: 8 to 30 GB"),
        ("--conf spark.executorEnv.PYSPARK_PYTHON=python3", "would take Python 3.9"),
        ("--conf spark.executorEnv.HOME=/x", "an environment of their own"),
    ],
)
def test_what_a_run_asks_for_in_vain_is_refused_by_name(
    client: Client, application: str, job_role: str, submit: str, told: str
) -> None:
    with pytest.raises(client("emr-serverless").exceptions.ValidationException, match=told):
        start(client, application, job_role, "print(1)", submit)


def test_another_release_is_refused_by_name(client: Client, job_role: str) -> None:
    older = create(client, releaseLabel="emr-7.11.0")
    with pytest.raises(client("emr-serverless").exceptions.ValidationException, match=r"only emr-7\.12\.0 runs"):
        start(client, older, job_role, "print(1)")
    client("emr-serverless").delete_application(applicationId=older)
    with pytest.raises(client("emr-serverless").exceptions.ResourceNotFoundException):
        client("emr-serverless").get_application(applicationId=older)


def test_an_action_that_is_not_built_is_refused_by_name(client: Client, application: str) -> None:
    with pytest.raises(
        client("emr-serverless").exceptions.ValidationException, match="does not do GetResourceDashboard"
    ):
        client("emr-serverless").get_resource_dashboard(
            applicationId=application, resourceId="1", resourceType="SESSION"
        )


def test_a_role_that_emr_serverless_may_not_assume_runs_nothing(client: Client, application: str) -> None:
    stranger = role(client("iam"), "glue.amazonaws.com")
    found = ended(client, application, start(client, application, stranger, "print(1)"))
    assert found["state"] == "FAILED"
    assert found["stateDetails"].startswith("Launch error")


def test_who_starts_a_run_needs_the_application_its_tag_and_the_role(
    client: Client, application: str, job_role: str
) -> None:
    who = role(client("iam"))
    emr = client("emr-serverless", as_role(client, who))
    arn = client("emr-serverless").get_application(applicationId=application)["application"]["arn"]
    starting = {"Action": "emr-serverless:StartJobRun", "Resource": arn}
    of_rail = {"Condition": {"StringEquals": {"aws:ResourceTag/lake:owner": "rail"}}}
    passing = {"Action": "iam:PassRole", "Resource": job_role}
    passing |= {"Condition": {"StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}}}

    def attempt() -> str:
        try:
            driver = {"sparkSubmit": {"entryPoint": f"s3://{BUCKET}/jobs/none.py"}}
            emr.start_job_run(applicationId=application, executionRoleArn=job_role, jobDriver=driver)
        except emr.exceptions.ClientError as error:
            return str(error)
        return ""

    assert "emr-serverless:StartJobRun" in attempt()
    grant(client("iam"), who, [starting | of_rail, passing])
    assert "emr-serverless:StartJobRun" in attempt()
    client("emr-serverless").tag_resource(resourceArn=arn, tags={"lake:owner": "rail"})
    grant(client("iam"), who, [starting | of_rail])
    assert "iam:PassRole" in attempt()
    grant(client("iam"), who, [starting | of_rail, passing])
    assert attempt() == ""


def test_a_machine_waits_for_a_run_with_the_rights_that_waiting_takes(
    client: Client, application: str, job_role: str
) -> None:
    arn = client("emr-serverless").get_application(applicationId=application)["application"]["arn"]
    rule = "arn:aws:events:*:*:rule/StepFunctionsGetEventsForEMRServerlessJobRule"
    passed = {"StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}}
    allow = [
        {"Action": "emr-serverless:StartJobRun", "Resource": arn},
        {"Action": ["emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"], "Resource": f"{arn}/jobruns/*"},
        {"Action": "iam:PassRole", "Resource": job_role, "Condition": passed},
        {"Action": ["events:PutTargets", "events:PutRule", "events:DescribeRule"], "Resource": rule},
    ]
    machine_role = role(client("iam"), "states.amazonaws.com", allow=allow[:-1])
    key = "jobs/machine.py"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=WAITS_OR_FAILS)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::emr-serverless:startJobRun.sync",
        "Arguments": {
            "ApplicationId": application,
            "ExecutionRoleArn": job_role,
            "ExecutionTimeoutMinutes": "{% 5 %}",
            "JobDriver": {
                "SparkSubmit": {
                    "EntryPoint": f"s3://{BUCKET}/{key}",
                    "EntryPointArguments": ["{% $states.input.say %}"],
                }
            },
        },
        "Output": "{% $states.result.State %}",
        "End": True,
    }
    states = client("stepfunctions")
    machine = states.create_state_machine(
        name="emr",
        roleArn=machine_role,
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Run", "States": {"Run": task}}),
    )["stateMachineArn"]

    def run(say: str) -> dict[str, Any]:
        started = states.start_execution(stateMachineArn=machine, input=json.dumps({"say": say}))["executionArn"]
        until(lambda: states.describe_execution(executionArn=started)["status"] != "RUNNING", 60)
        found: dict[str, Any] = states.describe_execution(executionArn=started)
        return found

    denied = run("yes")
    assert (denied["status"], "events:PutTargets" in denied["cause"]) == ("FAILED", True)
    grant(client("iam"), machine_role, allow)
    assert run("yes")["output"] == '"SUCCESS"'
    failed = run("no")
    assert failed["error"] == "States.TaskFailed"
    assert json.loads(failed["cause"])["StateDetails"] == "ValueError: no"
    started = states.start_execution(stateMachineArn=machine, input=json.dumps({"say": "wait"}))["executionArn"]

    def newest() -> dict[str, Any]:
        found: dict[str, Any] = client("emr-serverless").list_job_runs(applicationId=application)["jobRuns"][0]
        return found

    until(lambda: newest()["state"] == "RUNNING", 60)
    states.stop_execution(executionArn=started)
    assert until(lambda: newest()["state"] == "CANCELLED", 60)
