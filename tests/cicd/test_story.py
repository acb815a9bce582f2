"""Push to deploy from the beginning: a push, an approval, another account, a team's dataset, what fails of it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cicd.conftest import ACROSS, HOME, OTHER
from cicd.workshop import commit, git, keys_of, until
from lakectl.cicd.stacks import RELEASE
from lakectl.demo.push import BROKEN
from lakectl.demo.workplace import Workplace
from lakectl.specs.name import DOUBLE
from lakelocal import cloud

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
STRANGER = "000000000002"
BUILD, REACHED = f"arn:aws:iam::{HOME}:role/lake-cicd-deploy", f"arn:aws:iam::{OTHER}:role/lake-cicd-prod-deploy"


def test_a_push_becomes_a_lake_and_each_team_deploys_its_own(place: Workplace) -> None:
    assert "Nothing to do" in place.lake("bootstrap", "--env", "dev")
    first = place.git("rev-parse", "HEAD")
    place.push()
    assert place.reached("platform", first) == "waits"
    assert place.table("dev", "departures")
    said = "\n".join(place.log("platform", first, "Deploy-dev", "Verify"))
    for name, rows in (("aviation.airlines", 4), ("rail.departures", 96)):
        assert f"{name}: s3://" in said
        assert f"{rows} rows published and read, and taken out again" in said
    assert traces_of_samples(place) == []

    # what runs goes on after the cloud was stopped, and asks for the same approval
    place.down()
    place.up()
    assert "Not yet: prod is in account" in told(place, first, "Deploy-dev", "Teams")
    # production is told of another account's builds, and does not let ours in
    assert "8 stacks written" in trusting(place, STRANGER)
    place.lake("pipeline", "approve", "platform")
    assert place.reached("platform", first, approved=True) == "Failed"
    said = told(place, first, "Deploy-prod", "Deploy")
    assert f"{REACHED}-platform is not there, or it does not trust {BUILD}-platform" in said
    assert f"With credentials of {OTHER} run: lake bootstrap --env prod" in said
    # and as soon as it does, the artifact that was verified is deployed there
    assert "4 stacks written" in trusting(place, HOME)
    place.lake("pipeline", "retry", "platform")
    assert place.reached("platform", first, approved=True) == "Succeeded"
    assert place.table("prod", "departures")

    more = place.commit(place.another_dataset("returns"), "A dataset more")
    place.push()
    assert place.reached("rail", more) == "waits"
    assert place.table("dev", "returns")
    for other in ("platform", "aviation"):
        assert place.execution(other, more) is None

    broken = place.commit({"datasets/rail/returns/sample/expected.csv": BROKEN}, "A test that fails")
    place.push()
    assert place.reached("rail", broken) == "Failed"
    stopped = place.execution("rail", broken)
    assert stopped is not None
    reached = [one["stage"] for one in place.pipeline("rail")["actions"] if one["execution"] == stopped["id"]]
    assert reached == ["Source", "Check"]
    assert "returns" in place.lake("pipeline", "logs", "rail", "--action", "Check")

    good = deployed_code(place)
    failing = place.commit(place.mended_and_failing("returns"), "A function that fails")
    place.push()
    assert place.reached("platform", failing) == "Failed"
    said = "\n".join(place.log("platform", failing, "Deploy-dev", "Verify"))
    assert "✗ rail.returns: s3://" in said or "✗ aviation.airlines: s3://" in said
    assert "s3:PutObject" in said
    assert place.rolled_back("platform") == "Succeeded"
    assert deployed_code(place) == good
    assert traces_of_samples(place) == []


TEAM = """team: freight
description: Who carries what does not fly.
owner: freight-data@example.com
repository: freight-data
"""


def test_a_team_that_is_pushed_has_a_pipeline_and_nobody_bootstraps_again(place: Workplace) -> None:
    place.git("revert", "--no-edit", "HEAD")
    more = place.commit({"team/freight.yaml": TEAM}, "A team more")
    place.push()
    assert place.reached("platform", more) == "waits"
    for environment in ("dev", "prod"):
        assert "Nothing to do" in place.lake("bootstrap", "--env", environment)


def told(place: Workplace, commit: str, stage: str, action: str) -> str:
    """What an action wrote, in one line however wide its screen was."""
    return " ".join(" ".join(place.log("platform", commit, stage, action)).split())


def trusting(place: Workplace, account: str) -> str:
    """Bootstrap production with the credentials of its account, for pipelines that are in this one."""
    settings = place.folder / "lake.yaml"
    settings.write_text(ACROSS.replace("{check: quick}", f'{{check: quick, account: "{account}"}}'))
    said = place.lake("bootstrap", "--env", "prod")
    settings.write_text(ACROSS)
    return said


def test_no_other_role_of_the_deployment_account_becomes_a_build_of_the_other(place: Workplace) -> None:
    """Not even one that may assume everything: the role of the target says no."""
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"}, "Action": "sts:AssumeRole"}
    anything = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
    iam, sts = place.client("iam"), place.client("sts")
    made = iam.create_role(RoleName="lake-cicd-deploy-others", AssumeRolePolicyDocument=document(trust))["Role"]
    iam.put_role_policy(RoleName=made["RoleName"], PolicyName="p", PolicyDocument=document(anything))
    other = sts.assume_role(RoleArn=made["Arn"], RoleSessionName="other")["Credentials"]
    for owner in ("platform", "rail"):
        for keys in (other, {"AccessKeyId": HOME}, {"AccessKeyId": STRANGER}):
            with pytest.raises(ClientError, match="AccessDenied"):
                place.client("sts", keys).assume_role(RoleArn=f"{REACHED}-{owner}", RoleSessionName="other")
    assert place.client("sts", other).get_caller_identity()["Arn"].endswith("lake-cicd-deploy-others/other")


def test_no_other_account_reads_artifacts_even_where_a_policy_lets_it_in(place: Workplace) -> None:
    bucket = f"lake-cicd-{HOME}-eu-west-1-artifacts"
    s3, other = place.client("s3"), place.client("s3", {"AccessKeyId": OTHER})
    s3.put_object(Bucket=bucket, Key="probe", Body=b"artifact")
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    things = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    mistake = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:*"}
    try:
        s3.put_bucket_policy(Bucket=bucket, Policy=document(*policy, mistake | {"Resource": things}))
        for asked in (
            lambda: other.list_objects_v2(Bucket=bucket),
            lambda: other.get_object(Bucket=bucket, Key="probe"),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                asked()
        assert s3.get_object(Bucket=bucket, Key="probe")["Body"].read() == b"artifact"
        # the bucket's own refusal and its key each keep them out: without the one the other does
        less = [one for one in policy if one["Sid"] != "OtherAccountsAreRefused"]
        s3.put_bucket_policy(Bucket=bucket, Policy=document(*less, mistake | {"Resource": things}))
        assert other.list_objects_v2(Bucket=bucket, Prefix="probe")["KeyCount"] == 1
        with pytest.raises(ClientError, match="kms:Decrypt"):
            other.get_object(Bucket=bucket, Key="probe")
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=document(*policy))


def test_pipelines_in_another_account_are_refused_by_name(place: Workplace) -> None:
    with pytest.raises(ClientError, match=f"pipelines in account {HOME} alone, and this is {OTHER}"):
        place.client("codepipeline", {"AccessKeyId": OTHER}).list_pipelines()


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_a_pull_request_is_planned_by_what_may_only_say_so_and_has_a_branch(place: Workplace) -> None:
    spec = "datasets/rail/departures/dataset.yaml"
    place.git("checkout", "-q", "-b", "late", "main")
    described = (place.folder / spec).read_text().replace("description: ", "description: On time or late. ", 1)
    first = place.commit({spec: described}, "Departures know that they may be late")
    place.push("late")
    assert "lake pull-request watch 1" in place.lake("pull-request", "open")
    said = place.lake("pull-request", "watch", "1")
    assert f"**lake plan, dev** {first[:8]}: its check passed." in said
    assert "dev: 1 to change;" in said
    assert "dataset rail.departures changes" in said

    assert "rail.departures: s3://" in place.lake("deploy", "--env", "pr-1")
    counted = "select count(*) as n from rail.departures"
    asked = {name: json.loads(place.lake("query", counted, "--env", name, "--json")) for name in ("pr-1", "dev")}
    assert asked == {"pr-1": [{"n": 96}], "dev": [{"n": 0}]}

    broken = place.commit({spec: described + "owned_by: nobody\n"}, "No such key")
    place.push("late")
    with pytest.raises(cloud.CloudError, match="ended as FAILED"):
        place.lake("pull-request", "watch", "1")
    one = json.loads(place.lake("pull-request", "show", "1", "--json"))
    (comment,) = one["comments"]
    assert (one["commit"], one["check"], one["status"]) == (broken, "FAILED", "open")
    assert f"**lake plan, dev** {broken[:8]}: its check failed" in comment
    assert "### lake deploy would refuse it" in comment
    assert "owned&#95;by" in comment
    place.git("checkout", "-q", "main")


def test_a_team_with_a_repository_of_its_own_deploys_its_datasets_on_the_platforms_release(
    place: Workplace, tmp_path: Path
) -> None:
    """Nothing of the team but its room is the platform's; nothing of the platform is in the team's commit."""
    found = cloud.running(place.folder)
    assert found is not None
    files = {
        path.replace("rail/returns", "freight/parcels"): text.replace("rail", "freight").replace("returns", "parcels")
        for path, text in place.another_dataset("returns").items()
    }
    wagons = commit(tmp_path, {**files, "README.md": "# Ours\n"})
    git(tmp_path, "push", "-q", f"{found.endpoint}/v1/repos/freight-data", "main", keys=keys_of(found))
    assert place.reached("freight", wagons) == "waits"
    assert "rows published and read" in "\n".join(place.log("freight", wagons, "Deploy-dev", "Verify"))
    for other in ("platform", "aviation", "rail"):
        assert place.execution(other, wagons) is None
    plan = json.loads(place.lake("plan", "--env", "dev", "--as", "platform", "--json"))
    assert (plan["changes"], plan["orphans"]) == ([], [])
    # what was checked, deployed and built on carries its bill of materials
    kept = place.client("s3").get_object(Bucket=f"lake-cicd-{HOME}-eu-west-1-artifacts", Key=RELEASE)
    with zipfile.ZipFile(io.BytesIO(kept["Body"].read())) as released:
        assert json.loads(released.read("sbom.cdx.json"))["bomFormat"] == "CycloneDX"


def test_a_closed_pull_request_takes_its_branch_along(place: Workplace) -> None:
    place.client("codecommit").update_pull_request_status(pullRequestId="1", pullRequestStatus="CLOSED")
    place.lake("verify", "--env", "dev", "--as", "rail")
    assert json.loads(place.lake("branches", "--json")) == []
    assert traces_of_samples(place) == []


def deployed_code(place: Workplace) -> str:
    """The digest of the code that plans the runs of aviation in dev."""
    found = place.client("lambda").get_function(FunctionName="lake-dev-aviation-plan-run", Qualifier="live")
    return str(found["Configuration"]["CodeSha256"])


def traces_of_samples(place: Workplace) -> list[str]:
    """What samples have left in dev: objects, tables, claims."""
    prefix, s3, found = "lake-dev-000000000000-eu-west-1", place.client("s3"), []
    for zone in ("raw", "stage", "analytics", "artifacts"):
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=f"{prefix}-{zone}")
        found += [one["Key"] for page in pages for one in (*page.get("Versions", []), *page.get("DeleteMarkers", []))]
    for team in ("aviation", "rail"):
        found += [one["Name"] for one in place.client("glue").get_tables(DatabaseName=f"lake_dev_{team}")["TableList"]]
    registry = place.client("ssm").get_parameter(Name="/lake/lake/dev/ledger/platform/registry-table")
    claims = place.client("dynamodb").query(
        TableName=registry["Parameter"]["Value"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "claim"}},
    )["Items"]
    found += [item["sk"]["S"] for item in claims]
    assert any("departures" in one for one in found)
    return [one for one in found if DOUBLE in one]


QUEUE = {"Type": "AWS::SQS::Queue"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
UNBOUND = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]}},
}


@pytest.mark.parametrize(
    ("name", "resource", "refused"),
    [
        ("ours", QUEUE | {"Properties": {"QueueName": "lake-dev-rail-more"}}, ""),
        ("theirs", QUEUE | {"Properties": {"QueueName": "lake-dev-aviation-more"}}, "sqs:CreateQueue"),
        ("elsewhere", QUEUE | {"Properties": {"QueueName": "lake-test-rail-more"}}, "sqs:CreateQueue"),
        ("unbound", UNBOUND, "iam:CreateRole"),
    ],
)
def test_a_teams_deploy_role_makes_what_is_the_teams_alone(
    place: Workplace, name: str, resource: dict[str, Any], refused: str
) -> None:
    client = place.client("cloudformation")
    role = place.client("ssm").get_parameter(Name="/lake/lake/dev/deployer/rail/role-arn")["Parameter"]["Value"]
    stack = f"lake-dev-stage-{name}-rail"
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"It": resource}})
    client.create_stack(StackName=stack, TemplateBody=template, RoleARN=role, Capabilities=["CAPABILITY_NAMED_IAM"])
    status = until(
        lambda: (
            (found := client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
            and not found.endswith("_IN_PROGRESS")
            and found
        )
    )
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    assert (status == "CREATE_COMPLETE") is not bool(refused), reasons
    assert refused in reasons
