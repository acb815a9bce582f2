"""One AWS in memory for all wrong uses: they change nothing in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import boto3
import pytest
from botocore.loaders import create_loader
from moto import mock_aws

from unit.lakectl.wrong.place import KEYS

REGION = "eu-west-1"
TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "BillingMode": "PAY_PER_REQUEST",
}
SETTINGS = {
    "ledger/platform/ledger-table": "ledger",
    "ledger/platform/registry-table": "registry",
    "storage/platform/raw-bucket": "tidal-raw",
    "storage/platform/stage-bucket": "tidal-stage",
    "team/sea/database": "tidal_dev_sea",
    "team/sea/workgroup": "tidal-dev-sea",
}
"""What the rooms of an environment have written down: of `place.standing`."""

SERVICES = ("cloudformation", "logs", "stepfunctions", "codepipeline", "iam", "ssm")
STACK = {"domain": "tidal", "environment": "dev", "room": "events"}
TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
_ASSUMES = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [_ASSUMES]}
MACHINE = {"StartAt": "Plan run", "States": {"Plan run": {"Type": "Succeed"}}}
_SOURCE = {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}
_BUILD = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
PIPELINE = {
    "artifactStore": {"type": "S3", "location": "tidal-raw"},
    "stages": [
        {"name": "Source", "actions": [{"name": "Source", "actionTypeId": _SOURCE}]},
        {"name": "Build", "actions": [{"name": "Build", "actionTypeId": _BUILD}]},
    ],
}


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """An account in which one lake stands, of the domain `tidal`. Credentials are the person's."""
    with pytest.MonkeyPatch.context() as environment, mock_aws(config={"core": {"mock_credentials": False}}):
        # each session reads the services' descriptions anew, which takes longer than all else here
        environment.setattr("botocore.session.create_loader", cache(create_loader))
        for name in KEYS:
            environment.setenv(name, "testing")
        ssm, dynamodb, s3 = (boto3.client(name, region_name=REGION) for name in ("ssm", "dynamodb", "s3"))
        for name, value in SETTINGS.items():
            ssm.put_parameter(Name=f"/lake/tidal/dev/{name}", Type="String", Value=value)
        for name in ("ledger", "registry"):
            dynamodb.create_table(TableName=name, **TABLE)
        for name in ("tidal-raw", "tidal-stage"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        stand(boto3.Session(region_name=REGION))
        yield


def stand(session: boto3.Session) -> None:
    """A stack, a log, a state machine and a pipeline of that lake."""
    cloudformation, logs, states, pipelines, iam, ssm = (session.client(name) for name in SERVICES)
    tags = [{"Key": f"lake:{name}", "Value": value} for name, value in STACK.items()]
    cloudformation.create_stack(StackName="tidal-dev-events", TemplateBody=json.dumps(TOPIC), Tags=tags)
    logs.create_log_group(logGroupName="/lake/tidal/dev/sea/stage-a")
    role = iam.create_role(RoleName="tidal", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    machine = states.create_state_machine(name="tidal", definition=json.dumps(MACHINE), roleArn=role)
    name = "/lake/tidal/dev/stage-b/sea/state-machine-arn"
    ssm.put_parameter(Name=name, Type="String", Value=machine["stateMachineArn"])
    pipelines.create_pipeline(pipeline={"name": "tidal-sea", "roleArn": role, **PIPELINE})


@pytest.fixture
def person(aws: None, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Somebody with credentials of that account, and nothing else set."""
    for name in KEYS:
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "LAKE_ENV"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch
