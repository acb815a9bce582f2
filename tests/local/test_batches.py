"""Queues that feed functions: batches above ten, windows, partial failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.arrange import function, role, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]

RECORD = """
import boto3, json, os
def handler(event, context):
    bodies = json.dumps([r["body"] for r in event["Records"]])
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=bodies)
    bad = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": i} for i in bad]}
"""


def queue(client: Client, **attributes: str) -> tuple[str, str]:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=unique("queue"), Attributes={"VisibilityTimeout": "30"} | attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def reader(client: Client, *queue_arns: str) -> str:
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"]
    return role(client("iam"), "lambda.amazonaws.com", allow=[{"Action": actions, "Resource": list(queue_arns)}])


def send(client: Client, url: str, bodies: list[str]) -> None:
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[start : start + 10])]
        client("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def batches_seen(client: Client, url: str) -> list[list[str]]:
    answer = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    for message in answer.get("Messages", []):
        client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_one_batch_holds_a_hundred_messages(client: Client) -> None:
    source, source_arn = queue(client)
    seen, seen_arn = queue(client)
    name = function(client, RECORD, reader(client, source_arn, seen_arn), Environment={"Variables": {"SEEN": seen}})
    send(client, source, [str(number) for number in range(100)])
    client("lambda").create_event_source_mapping(
        EventSourceArn=source_arn, FunctionName=name, BatchSize=100, MaximumBatchingWindowInSeconds=1
    )
    found = until(lambda: batches_seen(client, seen))
    assert [len(batch) for batch in found] == [100]
    empty = until(lambda: depth(client, source) == 0)
    assert empty


def test_a_message_that_failed_alone_comes_back_alone(client: Client) -> None:
    source, source_arn = queue(client, VisibilityTimeout="2")
    seen, seen_arn = queue(client)
    name = function(
        client,
        RECORD,
        reader(client, source_arn, seen_arn),
        Timeout=2,
        Environment={"Variables": {"SEEN": seen}},
    )
    send(client, source, ["good", "bad", "fine"])
    client("lambda").create_event_source_mapping(
        EventSourceArn=source_arn, FunctionName=name, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    first = until(lambda: batches_seen(client, seen))
    again = until(lambda: batches_seen(client, seen))
    assert sorted(first[0]) == ["bad", "fine", "good"]
    assert again[0] == ["bad"]


def test_a_batch_above_ten_needs_a_window(client: Client) -> None:
    _, arn = queue(client)
    name = function(client, "def handler(e, c): pass", reader(client, arn))
    with pytest.raises(ClientError, match="batch window"):
        client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=name, BatchSize=100)


def test_a_queue_less_visible_than_its_function_is_slow_is_refused(client: Client) -> None:
    _, arn = queue(client, VisibilityTimeout="5")
    name = function(client, "def handler(e, c): pass", reader(client, arn), Timeout=20)
    with pytest.raises(ClientError, match="less than Function timeout"):
        client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=name)


def depth(client: Client, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(value) for value in answer["Attributes"].values())
