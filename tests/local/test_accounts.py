"""Accounts of one local cloud: what is in one is not in the other, and policies alone let somebody across."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import as_role, make_bucket, role, unique

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
HOME, OTHER = cloud.ACCOUNTS[:2]
ROOT_OF_OTHER = {"AccessKeyId": OTHER, "SecretAccessKey": cloud.SECRET, "SessionToken": None}
ANY_ROLE = {"Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OTHER}:role/*"}


def trusting(principal: str) -> str:
    """A trust policy as templates write it: the account's root, and the role in a condition."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": principal}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_role_of_another_account_lets_in_the_one_that_its_condition_names(client: Client) -> None:
    named, other = (role(client("iam"), allow=[ANY_ROLE]) for _ in range(2))
    there = client("iam", ROOT_OF_OTHER)
    made = there.create_role(RoleName=unique("reached"), AssumeRolePolicyDocument=trusting(named))["Role"]["Arn"]
    keys = client("sts", as_role(client, named)).assume_role(RoleArn=made, RoleSessionName="build")["Credentials"]
    assert client("sts", keys).get_caller_identity()["Account"] == OTHER
    with pytest.raises(ClientError, match="AccessDenied"):
        client("sts", as_role(client, other)).assume_role(RoleArn=made, RoleSessionName="build")
    with pytest.raises(ClientError, match="AccessDenied"):
        client("sts").assume_role(RoleArn=made, RoleSessionName="build")


def test_a_stack_and_its_parameters_are_in_the_account_of_whoever_made_it(client: Client) -> None:
    name = unique("written")
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Name": f"/{name}", "Value": "there"}}
    there = client("cloudformation", ROOT_OF_OTHER)
    there.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"It": parameter}}))
    there.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert f":{OTHER}:stack/{name}/" in there.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    assert client("ssm", ROOT_OF_OTHER).get_parameter(Name=f"/{name}")["Parameter"]["Value"] == "there"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        client("ssm").get_parameter(Name=f"/{name}")
    with pytest.raises(ClientError, match="does not exist"):
        client("cloudformation").describe_stacks(StackName=name)


def test_a_bucket_is_closed_to_another_account_until_its_policy_lets_it_in(client: Client) -> None:
    bucket, there = unique("apart"), client("s3", ROOT_OF_OTHER)
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    make_bucket(client("s3"), bucket)
    sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    client("s3").put_object(Bucket=bucket, Key="plain", Body=b"1")
    client("s3").put_object(Bucket=bucket, Key="sealed", Body=b"1", **sealed)
    with pytest.raises(ClientError, match="AccessDenied"):
        there.get_object(Bucket=bucket, Key="plain")
    let_in = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [let_in]})
    client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    assert there.get_object(Bucket=bucket, Key="plain")["Body"].read() == b"1"
    # the key is another matter: no bucket's policy opens it
    with pytest.raises(ClientError, match=f"kms:Decrypt on resource: {key}"):
        there.get_object(Bucket=bucket, Key="sealed")
