"""A push to the local CodeCommit runs its pipeline: builds as processes, approvals, rollback, as the roles alone."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cicd.conftest import Client
from cicd.workshop import commit, ended, errors, executions, git, keys_of, stand_up, until
from lakelocal import cloud

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]

BUILDSPEC = """
version: 0.2
env: {shell: bash, variables: {KIND: test}, exported-variables: [MADE]}
phases:
  build:
    commands:
      - mkdir out && cd out
      - export MADE="$GREETING-$KIND"
      - echo "$MADE of $COMMIT in $(basename $PWD)" | tee made.txt
      - sh ../check.sh
    finally: [echo finally in $(basename $PWD)]
reports: {unit: {files: [out/*.xml]}}
artifacts: {base-directory: out, files: ['**/*']}
"""
CASES = "<testcase classname='a' name='b' time='0.5'/><testcase name='c'><failure message='no'/></testcase>"
JUNIT = f"<testsuite>{CASES}</testsuite>"
GOOD = f'echo "{JUNIT}" > junit.xml\n'


@pytest.fixture(scope="module")
def shop(client: Client) -> dict[str, str]:
    return {"name": "shop", **stand_up(client, "shop", Name="shop")}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clone")


def push(folder: Path, shop: dict[str, str], running: cloud.Running) -> str:
    git(folder, "push", "-q", shop["Url"], "main", keys=keys_of(running))
    return git(folder, "rev-parse", "HEAD")


def token(client: Client) -> str | None:
    stages = client("codepipeline").get_pipeline_state(name="shop")["stageStates"]
    latest: dict[str, Any] = stages[2]["actionStates"][0].get("latestExecution", {})
    return latest.get("token") if latest.get("status") == "InProgress" else None


def answer(client: Client, said: str) -> None:
    result = {"status": said, "summary": "seen"}
    client("codepipeline").put_approval_result(
        pipelineName="shop",
        stageName="Approve",
        actionName="Approve",
        token=until(lambda: token(client)),
        result=result,
    )


def test_a_pipeline_starts_by_itself_when_it_is_made(client: Client, shop: dict[str, str]) -> None:
    first = until(lambda: [one for one in executions(client, "shop") if one["status"] == "Failed"])[0]
    assert first["trigger"]["triggerType"] == "CreatePipeline"
    assert "BranchDoesNotExistException" in errors(client, "shop", first["pipelineExecutionId"])[0]


def test_a_push_builds_as_the_role_and_waits_for_an_approval(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    made = commit(clone, {"buildspec.yml": BUILDSPEC, "check.sh": GOOD})
    push(clone, shop, running)
    with pytest.raises(ClientError, match="InvalidApprovalToken"):
        client("codepipeline").put_approval_result(
            pipelineName="shop",
            stageName="Approve",
            actionName="Approve",
            token="x",
            result={"status": "Approved", "summary": ""},
        )
    answer(client, "Approved")
    done = ended(client, "shop", made)
    assert (done["status"], done["trigger"]["triggerType"]) == ("Succeeded", "CloudWatchEvent")

    builds = client("codebuild")
    (build,) = builds.batch_get_builds(ids=builds.list_builds_for_project(projectName="shop")["ids"])["builds"]
    assert [phase["phaseStatus"] for phase in build["phases"][:-1]] == ["SUCCEEDED"] * (len(build["phases"]) - 1)
    assert build["exportedEnvironmentVariables"] == [{"name": "MADE", "value": "hello-test"}]
    (report,) = builds.batch_get_reports(reportArns=build["reportArns"])["reports"]
    assert report["testSummary"]["statusCounts"] == {"SUCCEEDED": 1, "FAILED": 1, "ERROR": 0, "SKIPPED": 0}
    lines = [
        event["message"]
        for event in client("logs").get_log_events(
            logGroupName="/build/shop", logStreamName=build["logs"]["streamName"]
        )["events"]
    ]
    assert f"hello-test of {made} in out" in lines
    assert "finally in out" in lines
    bucket = client("s3")
    keys = [one["Key"] for one in bucket.list_objects_v2(Bucket=shop["Bucket"], Prefix="shop/BuildOut")["Contents"]]
    content = bucket.get_object(Bucket=shop["Bucket"], Key=keys[0])["Body"].read()
    assert sorted(zipfile.ZipFile(io.BytesIO(content)).namelist()) == ["junit.xml", "made.txt"]


def test_a_build_that_fails_rolls_its_stage_back(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    made = commit(clone, {"check.sh": GOOD + "exit 3\n"})
    push(clone, shop, running)
    done = ended(client, "shop", made)
    assert done["status"] == "Failed"
    assert "exit status 3" in errors(client, "shop", done["pipelineExecutionId"])[0]
    rolled = until(lambda: [one for one in executions(client, "shop") if one["executionType"] == "ROLLBACK"])[0]
    until(lambda: executions(client, "shop")[0]["status"] == "Succeeded", what="the rollback")
    assert rolled["trigger"] == {"triggerType": "AutomatedRollback", "triggerDetail": done["pipelineExecutionId"]}


def test_a_newer_push_supersedes_the_one_that_waits(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    made = []
    for number in range(3):
        made.append(commit(clone, {"check.sh": GOOD, "number": str(number)}))
        push(clone, shop, running)
        if number == 0:
            until(lambda: token(client), what="the first approval")
    assert ended(client, "shop", made[1])["status"] == "Superseded"
    answer(client, "Rejected")
    assert ended(client, "shop", made[0])["status"] == "Failed"
    answer(client, "Approved")
    assert ended(client, "shop", made[2])["status"] == "Succeeded"


def test_an_action_that_the_build_role_may_not_do_fails_in_iams_words(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    asks = "import boto3; boto3.client('s3').list_buckets()"
    made = commit(clone, {"check.sh": f'{GOOD}{ROOT_PYTHON} -c "{asks}"\n'})
    push(clone, shop, running)
    done = ended(client, "shop", made)
    assert done["status"] == "Failed"
    group = client("logs").filter_log_events(logGroupName="/build/shop")["events"]
    assert any("shop-build" in event["message"] and "s3:ListAllMyBuckets" in event["message"] for event in group)


def test_a_pipeline_role_without_the_artifact_bucket_gets_no_further_than_its_source(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    iam = client("iam")
    policy = iam.get_role_policy(RoleName="shop-pipeline", PolicyName="pipeline")["PolicyDocument"]
    narrow = {**policy, "Statement": [one for one in policy["Statement"] if "s3:PutObject" not in one["Action"]]}
    iam.put_role_policy(RoleName="shop-pipeline", PolicyName="pipeline", PolicyDocument=json.dumps(narrow))
    try:
        before = len(executions(client, "shop"))
        commit(clone, {"check.sh": GOOD, "number": "narrow"})
        push(clone, shop, running)
        until(lambda: len(executions(client, "shop")) > before and executions(client, "shop")[0]["status"] == "Failed")
        said = errors(client, "shop", executions(client, "shop")[0]["pipelineExecutionId"])[0]
        assert "PermissionError" in said and "s3:PutObject" in said
    finally:
        iam.put_role_policy(RoleName="shop-pipeline", PolicyName="pipeline", PolicyDocument=json.dumps(policy))


def test_git_asks_for_a_signature_and_for_the_permission(
    client: Client, shop: dict[str, str], clone: Path, running: cloud.Running
) -> None:
    wrong = keys_of(running) | {"SecretAccessKey": "another"}
    assert "403" in git(clone, "push", shop["Url"], "main", keys=wrong, good=False)
    trust = {"Effect": "Allow", "Principal": {"AWS": running.account}, "Action": "sts:AssumeRole"}
    role = client("iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]
    may = {"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "arn:aws:codecommit:*:*:shop"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    client("iam").put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy)
    keys = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="tester")["Credentials"]
    git(clone, "fetch", "-q", shop["Url"], "main", keys=keys)
    commit(clone, {"number": "unseen"})
    assert "403" in git(clone, "push", shop["Url"], "main", keys=keys, good=False)


def test_what_is_not_built_is_refused_by_name(client: Client, shop: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"local codecommit does not do MergePullRequestBySquash"):
        client("codecommit").merge_pull_request_by_squash(pullRequestId="1", repositoryName="shop")
    pipeline = client("codepipeline").get_pipeline(name="shop")["pipeline"]
    pipeline["stages"][1]["actions"][0]["actionTypeId"]["provider"] = "Jenkins"
    with pytest.raises(ClientError, match="does not do Build/Jenkins"):
        client("codepipeline").update_pipeline(pipeline=pipeline)


ROOT_PYTHON = str(Path(__file__).resolve().parents[2] / ".venv/bin/python")
