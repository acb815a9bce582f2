"""What services may do for us: roles of rules and schedules, policies of queues, topics, functions and keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import as_role, grant, role, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
EVENTS, SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"
ROOT = f"arn:aws:iam::{cloud.ACCOUNT}:root"
IAM_DECIDES = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
KEY_ACTIONS = ["kms:GenerateDataKey", "kms:Decrypt"]


def lets_in(service: str, actions: list[str] | str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions, "Resource": resource}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def queue(client: Client, **attributes: str) -> tuple[str, str]:
    """A queue's URL and ARN."""
    url = client("sqs").create_queue(QueueName=unique("queue"), Attributes=attributes)["QueueUrl"]
    got = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, got["Attributes"]["QueueArn"]


def received(client: Client, url: str) -> list[str]:
    return [one["Body"] for one in client("sqs").receive_message(QueueUrl=url).get("Messages", [])]


def test_a_rule_reaches_a_queue_only_by_the_queues_policy(client: Client) -> None:
    (silent, silent_arn), (url, arn) = queue(client), queue(client)
    events, rule = client("events"), unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "silent", "Arn": silent_arn}, {"Id": "open", "Arn": arn}])
    client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": document(lets_in(EVENTS, "sqs:SendMessage", arn))}
    )
    events.put_events(Entries=[{"Source": rule, "DetailType": "t", "Detail": "{}"}])
    assert until(lambda: received(client, url))
    assert received(client, silent) == []


@pytest.mark.parametrize(
    ("allow", "delivered"),
    [
        ([], False),
        ([{"Action": "sqs:SendMessage", "Resource": "*"}], False),
        ([{"Action": ["sqs:SendMessage", *KEY_ACTIONS], "Resource": "*"}], True),
    ],
    ids=["nothing", "no key", "all"],
)
def test_a_rule_with_a_role_delivers_as_that_role(client: Client, allow: list[Any], delivered: bool) -> None:
    key = client("kms").create_key(Policy=document(IAM_DECIDES))["KeyMetadata"]["Arn"]
    url, arn = queue(client, KmsMasterKeyId=key)
    watched, watched_arn = queue(client)
    client("sqs").set_queue_attributes(
        QueueUrl=watched, Attributes={"Policy": document(lets_in(EVENTS, "sqs:SendMessage", watched_arn))}
    )
    events, rule = client("events"), unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
    sender = role(client("iam"), EVENTS, allow=allow)
    targets = [{"Id": "asked", "Arn": arn, "RoleArn": sender}, {"Id": "watched", "Arn": watched_arn}]
    events.put_targets(Rule=rule, Targets=targets)
    events.put_events(Entries=[{"Source": rule, "DetailType": "t", "Detail": "{}"}])
    assert until(lambda: received(client, watched))
    assert bool(received(client, url)) == delivered


def test_a_schedule_delivers_as_its_role(client: Client) -> None:
    (silent, silent_arn), (url, arn) = queue(client), queue(client)
    sender = role(client("iam"), SCHEDULER, allow=[{"Action": "sqs:SendMessage", "Resource": arn}])
    for target in (silent_arn, arn):
        client("scheduler").create_schedule(
            Name=unique("schedule"),
            ScheduleExpression="at(2020-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": sender, "Input": "{}"},
        )
    assert until(lambda: received(client, url))
    assert received(client, silent) == []


def test_a_schedule_wants_a_role_that_trusts_the_scheduler(client: Client) -> None:
    _, arn = queue(client)
    wrong = role(client("iam"), EVENTS)
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        client("scheduler").create_schedule(
            Name=unique("schedule"),
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": arn, "RoleArn": wrong},
        )


@pytest.mark.parametrize(
    ("service", "ask"),
    [
        (
            "events",
            lambda client, passed: client.put_targets(
                Rule="r", Targets=[{"Id": "1", "Arn": "arn:aws:states:eu-west-1:1:stateMachine:m", "RoleArn": passed}]
            ),
        ),
        (
            "scheduler",
            lambda client, passed: client.create_schedule(
                Name="s",
                ScheduleExpression="rate(1 day)",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={"Arn": "arn:aws:sqs:eu-west-1:1:q", "RoleArn": passed},
            ),
        ),
        (
            "glue",
            lambda client, passed: client.create_job(
                Name="j", Role=passed, Command={"Name": "glueetl", "ScriptLocation": "s3://b/k"}
            ),
        ),
        (
            "stepfunctions",
            lambda client, passed: client.create_state_machine(
                name="m", roleArn=passed, definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
            ),
        ),
        (
            "lambda",
            lambda client, passed: client.update_function_configuration(FunctionName="f", Role=passed),
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_handing_over_a_role_asks_for_pass_role(client: Client, service: str, ask: Callable[..., Any]) -> None:
    passed = role(client("iam"), "lambda.amazonaws.com")
    prefix = {"stepfunctions": "states"}.get(service, service)
    caller = role(client("iam"), allow=[{"Action": f"{prefix}:*", "Resource": "*"}])
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {passed}"):
        ask(client(service, as_role(client, caller)), passed)


@pytest.mark.parametrize("kind", ["Queue", "Topic"])
def test_a_stack_whose_bucket_announces_where_it_is_not_let_in_fails(client: Client, kind: str) -> None:
    service, target = {"Queue": ("SQS", {"Fn::GetAtt": ["Box", "Arn"]}), "Topic": ("SNS", {"Ref": "Box"})}[kind]
    announcing = {f"{kind}Configurations": [{"Event": "s3:ObjectCreated:*", kind: target}]}
    resources = {
        "Box": {"Type": f"AWS::{service}::{kind}"},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": announcing}},
    }
    assert "Unable to validate the following destination" in failed_stack(client, resources)


@pytest.mark.parametrize("opened", [(), ("topic",), ("topic", "key")], ids=["closed", "topic", "topic and key"])
def test_an_alarm_is_published_only_where_topic_and_key_let_it(client: Client, opened: tuple[str, ...]) -> None:
    watcher = "cloudwatch.amazonaws.com"
    more = [lets_in(watcher, KEY_ACTIONS)] if "key" in opened else []
    key = client("kms").create_key(Policy=document(IAM_DECIDES, *more))["KeyMetadata"]["Arn"]
    sns, url_and_arn = client("sns"), queue(client)
    topic = sns.create_topic(Name=unique("topic"), Attributes={"KmsMasterKeyId": key})["TopicArn"]
    policy = document(lets_in(watcher if opened else EVENTS, "sns:Publish", topic))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    url, arn = url_and_arn
    client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": document(lets_in("sns.amazonaws.com", "sqs:SendMessage", arn))}
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    name = unique("alarm")
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tried")
    assert bool(received(client, url)) == ("key" in opened)


def test_a_log_group_is_encrypted_only_with_a_key_that_lets_logs_in(client: Client) -> None:
    closed = client("kms").create_key(Policy=document(IAM_DECIDES))["KeyMetadata"]["Arn"]
    logs, group = f"logs.{cloud.REGION}.amazonaws.com", unique("/lake/group")
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    opened = client("kms").create_key(Policy=document(IAM_DECIDES, lets_in(logs, actions)))["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError, match="is not allowed to be used with Arn"):
        client("logs").create_log_group(logGroupName=group, kmsKeyId=closed)
    client("logs").create_log_group(logGroupName=group, kmsKeyId=opened)
    resource = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"{group}-2", "KmsKeyId": closed}}
    assert "is not allowed to be used with Arn" in failed_stack(client, {"Group": resource})


def failed_stack(client: Client, resources: dict[str, Any]) -> str:
    """Why a stack of these resources could not be made."""
    name, cloudformation = unique("stack"), client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    done = "ROLLBACK_COMPLETE"
    assert until(lambda: cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == done)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_a_grant_on_a_key_allows_what_no_policy_does(client: Client) -> None:
    key = client("kms").create_key(Policy=document(IAM_DECIDES))["KeyMetadata"]["Arn"]
    arn = role(client("iam"), allow=[{"Action": "sqs:*", "Resource": "*"}])
    url, _ = queue(client, KmsMasterKeyId=key)
    sqs = client("sqs", as_role(client, arn))
    client("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["GenerateDataKey"])
    with pytest.raises(ClientError, match="kms:Decrypt"):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    client("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])
    sqs.send_message(QueueUrl=url, MessageBody="m")
    never = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}
    grant(client("iam"), arn, [{"Action": "sqs:*", "Resource": "*"}, never])
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        sqs.send_message(QueueUrl=url, MessageBody="m")
