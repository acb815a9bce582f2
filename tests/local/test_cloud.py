"""The life of a local cloud: up, down, up again with everything in it, refused when MiniStack is another."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lakelocal import cloud, status
from local.arrange import as_role, function, make_bucket, role, unique, until
from local.conftest import ROOT, client_of

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose cloud is stopped afterwards."""
    yield tmp_path
    cloud.down(ROOT, state=tmp_path)


def clients(running: cloud.Running) -> Callable[..., Any]:
    return lambda service, keys=None: client_of(running, service, keys)


def test_everything_survives_down_and_up(place: Path) -> None:
    client = clients(cloud.up(ROOT, cold=True, state=place))
    kept = fill(client)
    assert cloud.down(ROOT, state=place)
    assert cloud.running(ROOT, state=place) is None
    check(clients(cloud.up(ROOT, cold=True, state=place)), kept)


def fill(client: Callable[..., Any]) -> dict[str, Any]:
    bucket, table, stack = unique("bucket"), unique("table"), unique("stack")
    make_bucket(client("s3"), bucket)
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = client("s3").put_object(Bucket=bucket, Key="a b/ü", Body=b"first")["VersionId"]
    client("s3").put_object(Bucket=bucket, Key="a b/ü", Body=b"second")
    client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "k"}, "n": {"N": "7"}})
    url = client("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    reads = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "s3:PutObject"]
    may = role(client("iam"), "lambda.amazonaws.com", allow=[{"Action": reads, "Resource": "*"}])
    source = f"""
import boto3
def handler(event, context):
    boto3.client("s3").put_object(Bucket="{bucket}", Key="seen", Body=event["Records"][0]["body"])
"""
    name = function(client, source, may)
    client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    rule = unique("rule")
    client("events").put_rule(Name=rule, ScheduleExpression="rate(5 minutes)")
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    machine = client("stepfunctions").create_state_machine(
        name=unique("machine"),
        definition=json.dumps(definition),
        roleArn=role(client("iam"), "states.amazonaws.com"),
    )["stateMachineArn"]
    client("glue").create_database(DatabaseInput={"Name": "d"})
    client("glue").create_table(DatabaseName="d", TableInput={"Name": "t", "Parameters": {"p": "1"}})
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": f"/{stack}", "Type": "String", "Value": "v"}}
    client("cloudformation").create_stack(
        StackName=stack, TemplateBody=json.dumps({"Resources": {"Parameter": parameter}})
    )
    until(lambda: "COMPLETE" in client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    return {
        "bucket": bucket,
        "first": first,
        "table": table,
        "queue": url,
        "function": name,
        "rule": rule,
        "machine": machine,
        "stack": stack,
        "reader": role(client("iam"), allow=[{"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]),
    }


def check(client: Callable[..., Any], kept: dict[str, Any]) -> None:
    s3 = client("s3")
    old = s3.get_object(Bucket=kept["bucket"], Key="a b/ü", VersionId=kept["first"])
    assert old["Body"].read() == b"first"
    assert s3.get_object(Bucket=kept["bucket"], Key="a b/ü")["Body"].read() == b"second"
    item = client("dynamodb").get_item(TableName=kept["table"], Key={"pk": {"S": "k"}})["Item"]
    assert item["n"]["N"] == "7"
    client("sqs").send_message(QueueUrl=kept["queue"], MessageBody="after the restart")
    seen = until(lambda: s3.list_objects_v2(Bucket=kept["bucket"], Prefix="seen").get("Contents"))
    assert seen
    assert client("events").describe_rule(Name=kept["rule"])["ScheduleExpression"] == "rate(5 minutes)"
    assert client("stepfunctions").describe_state_machine(stateMachineArn=kept["machine"])["status"] == "ACTIVE"
    assert client("glue").get_table(DatabaseName="d", Name="t")["Table"]["Parameters"] == {"p": "1"}
    assert client("ssm").get_parameter(Name=f"/{kept['stack']}")["Parameter"]["Value"] == "v"
    stacks = client("cloudformation").describe_stacks(StackName=kept["stack"])["Stacks"]
    assert stacks[0]["StackStatus"] == "CREATE_COMPLETE"
    reader = client("s3", as_role(client, kept["reader"]))
    assert reader.get_object(Bucket=kept["bucket"], Key="a b/ü")["Body"].read() == b"second"


def test_up_again_is_the_same_cloud_and_a_dead_one_is_replaced(place: Path) -> None:
    first = cloud.up(ROOT, cold=True, state=place)
    assert cloud.up(ROOT, cold=True, state=place) == first
    assert clients(first)("sts").get_caller_identity()["Account"] == first.account == cloud.ACCOUNT
    with pytest.raises(cloud.CloudError, match="runs in eu-west-1, and us-east-1 is asked for"):
        cloud.up(ROOT, cold=True, state=place, region="us-east-1")
    os.kill(first.pid, 9)
    until(lambda: cloud.running(ROOT, state=place) is None)
    second = cloud.up(ROOT, cold=True, state=place)
    assert (second.port, second.endpoint) == (first.port, first.endpoint)
    assert second.pid != first.pid


def test_a_host_that_is_still_dying_is_awaited_and_replaced(place: Path) -> None:
    with (place / "lock").open("w") as dying:
        fcntl.flock(dying, fcntl.LOCK_EX)
        threading.Timer(0.5, dying.close).start()
        assert cloud.up(ROOT, cold=True, state=place).port


def test_a_port_that_another_program_took_is_named(place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (place / "port").write_text(str(port))
        with pytest.raises(cloud.CloudError, match=f"Port {port} .* is taken by another program"):
            cloud.up(ROOT, cold=True, state=place)


def test_reset_forgets_everything_but_the_port(place: Path) -> None:
    first = cloud.up(ROOT, cold=True, state=place)
    make_bucket(clients(first)("s3"), "gone")
    cloud.reset(ROOT, state=place)
    second = cloud.up(ROOT, cold=True, state=place)
    assert second.port == first.port
    assert clients(second)("s3").list_buckets()["Buckets"] == []


def test_the_doors_that_ask_for_no_credentials_are_shut(place: Path) -> None:
    running = cloud.up(ROOT, cold=True, state=place)
    asked = subprocess.run(
        ["curl", "-s", "-X", "POST", f"{running.endpoint}/_ministack/reset"], capture_output=True, check=True
    )
    assert b"is closed" in asked.stdout


def test_status_lists_what_is_there(place: Path) -> None:
    running = cloud.up(ROOT, cold=True, state=place)
    client = clients(running)
    url = client("sqs").create_queue(QueueName="arrivals")["QueueUrl"]
    client("sqs").send_message(QueueUrl=url, MessageBody="m")
    client("sqs").send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    found = status.to_json(status.status(running))
    assert found["queues"] == [{"name": "arrivals", "waiting": 1, "in_flight": 0, "delayed": 1}]
    assert (found["stacks"], found["runs"]) == ([], [])


def refusal(script: str) -> str:
    python = cloud.environment_folder(ROOT) / "bin" / "python"
    done = subprocess.run([python, "-c", script], env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr


def test_another_version_of_ministack_is_refused() -> None:
    text = refusal("from lakelocal.inside.host import check_version; check_version('1.5.34')")
    assert "knows MiniStack 1.5.33, this environment has 1.5.34" in text


def test_a_hook_that_moved_is_refused_by_name() -> None:
    script = """
from lakelocal.inside.hook import Hook
from lakelocal.inside.host import check_hooks
check_hooks([Hook("ministack.services.sqs", "_gone"), Hook("ministack.app", "app", ("scope", "other"))])
"""
    text = refusal(script)
    assert "ministack.services.sqs._gone" in text
    assert "ministack.app.app takes ('scope', 'receive', 'send'), expected ('scope', 'other')" in text
