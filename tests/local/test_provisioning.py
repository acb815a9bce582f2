"""CloudFormation acts as the stack's role, or as whoever called: what that may not do fails the resource."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import as_role, grant, make_bucket, package, role, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
SERVICE = "cloudformation.amazonaws.com"
QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
QUEUES = {"Action": ["sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:TagQueue"], "Resource": "*"}
STACKS = {"Action": "cloudformation:*", "Resource": "*"}


def create(client: Any, template: dict[str, Any], **about: Any) -> str:
    name = unique("stack")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template), **about)
    return name


def ended(client: Client, name: str) -> str:
    """The status that a stack came to rest in."""

    def status() -> Any:
        found = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return found if not found.endswith("IN_PROGRESS") else None

    return str(until(status))


def reasons(client: Client, name: str) -> str:
    events = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_stack_is_made_as_its_role(client: Client) -> None:
    arn = role(client("iam"), SERVICE, allow=[QUEUES])
    name = create(client("cloudformation"), QUEUE, RoleARN=arn)
    assert ended(client, name) == "CREATE_COMPLETE", reasons(client, name)
    assert client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["RoleARN"] == arn


def test_what_the_role_of_a_stack_may_not_do_fails_the_resource(client: Client) -> None:
    arn = role(client("iam"), SERVICE, allow=[{"Action": ["sqs:CreateQueue", "sqs:TagQueue"], "Resource": "*"}])
    name = create(client("cloudformation"), QUEUE, RoleARN=arn)
    assert ended(client, name) == "ROLLBACK_COMPLETE"
    said = reasons(client, name)
    assert "is not authorized to perform: sqs:GetQueueAttributes on resource: arn:aws:sqs:" in said
    assert f"assumed-role/{arn.rsplit('/', 1)[-1]}/AWSCloudFormation" in said
    assert "HandlerErrorCode: AccessDenied" in said


def test_the_role_of_a_stack_is_remembered(client: Client) -> None:
    arn = role(client("iam"), SERVICE, allow=[QUEUES])
    name = create(client("cloudformation"), QUEUE, RoleARN=arn)
    assert ended(client, name) == "CREATE_COMPLETE"
    client("cloudformation").delete_stack(StackName=name)
    assert ended(client, name) == "DELETE_FAILED"
    assert "sqs:DeleteQueue" in reasons(client, name)
    grant(client("iam"), arn, [QUEUES, {"Action": "sqs:DeleteQueue", "Resource": "*"}])
    client("cloudformation").delete_stack(StackName=name)
    gone = until(lambda: name not in [one["StackName"] for one in client("cloudformation").describe_stacks()["Stacks"]])
    assert gone


def test_a_change_set_is_executed_as_its_role(client: Client) -> None:
    cloudformation, name = client("cloudformation"), unique("stack")
    arn = role(client("iam"), SERVICE, allow=[{"Action": "sqs:GetQueueAttributes", "Resource": "*"}])
    about = {"StackName": name, "ChangeSetName": "first"}
    cloudformation.create_change_set(**about, ChangeSetType="CREATE", TemplateBody=json.dumps(QUEUE), RoleARN=arn)
    until(lambda: cloudformation.describe_change_set(**about)["Status"] == "CREATE_COMPLETE")
    cloudformation.execute_change_set(**about)
    assert ended(client, name) == "ROLLBACK_COMPLETE"
    assert "sqs:CreateQueue" in reasons(client, name)


def test_a_role_that_does_not_trust_cloudformation_cannot_be_assumed(client: Client) -> None:
    arn = role(client("iam"), "lambda.amazonaws.com", allow=[QUEUES])
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        create(client("cloudformation"), QUEUE, RoleARN=arn)


def test_who_gives_a_stack_a_role_must_be_allowed_to_pass_it(client: Client) -> None:
    service = role(client("iam"), SERVICE, allow=[QUEUES])
    caller = role(client("iam"), allow=[STACKS])
    cloudformation = client("cloudformation", as_role(client, caller))
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {service}"):
        create(cloudformation, QUEUE, RoleARN=service)
    to_it = {"StringEquals": {"iam:PassedToService": SERVICE}}
    grant(client("iam"), caller, [STACKS, {"Action": "iam:PassRole", "Resource": service, "Condition": to_it}])
    assert ended(client, create(cloudformation, QUEUE, RoleARN=service)) == "CREATE_COMPLETE"


def test_without_a_role_a_stack_is_made_as_its_caller(client: Client) -> None:
    caller = role(client("iam"), allow=[STACKS])
    cloudformation = client("cloudformation", as_role(client, caller))
    name = create(cloudformation, QUEUE)
    assert ended(client, name) == "ROLLBACK_COMPLETE"
    assert "sqs:CreateQueue" in reasons(client, name)
    grant(client("iam"), caller, [STACKS, QUEUES])
    assert ended(client, create(cloudformation, QUEUE)) == "CREATE_COMPLETE"


def test_a_stack_hands_a_role_to_a_function_only_where_it_may_pass_it(client: Client) -> None:
    passed, bucket = role(client("iam"), "lambda.amazonaws.com"), make_bucket(client("s3"), unique("bucket"))
    client("s3").put_object(Bucket=bucket, Key="app.zip", Body=package("def handler(e, c): pass"))
    from local.arrange import lambda_runtime

    properties = {
        "Handler": "app.handler",
        "Role": passed,
        "Runtime": lambda_runtime(),
        "Code": {"S3Bucket": bucket, "S3Key": "app.zip"},
    }
    template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    may = [{"Action": ["lambda:*", "s3:GetObject"], "Resource": "*"}]
    arn = role(client("iam"), SERVICE, allow=may)
    name = create(client("cloudformation"), template, RoleARN=arn)
    assert ended(client, name) == "ROLLBACK_COMPLETE"
    assert f"iam:PassRole on resource: {passed}" in reasons(client, name)
    grant(client("iam"), arn, [*may, {"Action": "iam:PassRole", "Resource": passed}])
    assert ended(client, create(client("cloudformation"), template, RoleARN=arn)) == "CREATE_COMPLETE"


def test_a_stack_reads_a_parameter_only_where_its_role_may(client: Client) -> None:
    parameter = f"/lake/{unique('thing')}"
    client("ssm").put_parameter(Name=parameter, Type="String", Value="said")
    properties = {"DisplayName": f"{{{{resolve:ssm:{parameter}}}}}"}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}
    arn = role(client("iam"), SERVICE, allow=[{"Action": "sns:*", "Resource": "*"}])
    name = create(client("cloudformation"), template, RoleARN=arn)
    assert ended(client, name) == "ROLLBACK_COMPLETE"
    place = f"arn:aws:ssm:{cloud.REGION}:{cloud.ACCOUNT}:parameter{parameter}"
    assert f"ssm:GetParameters on resource: {place}" in reasons(client, name)
