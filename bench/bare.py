"""The calls that the way from raw to staged makes, and nothing else: no logic, no function, no conversion.

A task is a batch of 100 objects. What a batch costs beside its objects is listed in `_batch`, in the order of the flow.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bench.clients import client

BATCH = 100


@dataclass(frozen=True, slots=True)
class Bare:
    """Names of what the calls speak to; `round_` and `place` make keys that nobody else has."""

    raw: str
    stage: str
    table: str
    arrivals: str
    work: str
    round_: int
    place: int
    content: bytes


def arrange(s3: Any, sqs: Any, dynamodb: Any) -> dict[str, str]:
    """A raw bucket that announces its objects, a stage bucket, a table and two queues."""
    arrivals = sqs.create_queue(QueueName="bare-arrivals")["QueueUrl"]
    work = sqs.create_queue(QueueName="bare-work")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=arrivals, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    sqs.set_queue_attributes(QueueUrl=arrivals, Attributes={"Policy": document})
    region = s3.meta.region_name
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    for bucket in ("bare-raw", "bare-stage"):
        s3.create_bucket(Bucket=bucket, **place)
    s3.put_bucket_versioning(Bucket="bare-raw", VersioningConfiguration={"Status": "Enabled"})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bare-raw", NotificationConfiguration=told)
    dynamodb.create_table(
        TableName="bare-ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return {"raw": "bare-raw", "stage": "bare-stage", "table": "bare-ledger", "arrivals": arrivals, "work": work}


def called(task: Bare) -> None:
    """One batch, from its PUTs to its last message."""
    s3 = client("s3")
    keys = [f"aviation/readings/{task.round_}-{task.place}-{number}.csv" for number in range(BATCH)]
    versions = [s3.put_object(Bucket=task.raw, Key=key, Body=task.content)["VersionId"] for key in keys]
    for _ in range(BATCH // 10):
        _take(task.arrivals)
    _batch(task, keys, versions)


def _batch(task: Bare, keys: list[str], versions: list[str]) -> None:
    s3, table = client("s3"), client("dynamodb")
    name = f"{task.round_}-{task.place}"
    manifest = json.dumps([{"key": key, "version": version} for key, version in zip(keys, versions, strict=True)])
    s3.put_object(Bucket=task.stage, Key=f"manifests/{name}", Body=manifest.encode(), IfNoneMatch="*")
    item = {"pk": {"S": "readings#B"}, "sk": {"S": name}, "state": {"S": "made"}}
    table.put_item(TableName=task.table, Item=item, ConditionExpression="attribute_not_exists(pk)")
    for first in range(0, BATCH, 25):
        pairs = zip(keys[first : first + 25], versions[first : first + 25], strict=True)
        table.batch_execute_statement(Statements=[_insert(task, key, version) for key, version in pairs])
    _send(task.work, name)
    _move(task, item, "made", "sent")
    _take(task.work)
    table.batch_get_item(RequestItems={task.table: {"Keys": [{"pk": item["pk"], "sk": item["sk"]}]}})
    s3.get_object(Bucket=task.stage, Key=f"manifests/{name}")["Body"].read()
    table.get_item(TableName=task.table, Key={"pk": {"S": "readings"}, "sk": {"S": "config"}})
    for key, version in zip(keys, versions, strict=True):
        s3.get_object(Bucket=task.raw, Key=key, VersionId=version)["Body"].read()
    s3.put_object(Bucket=task.stage, Key=f"staged/{name}", Body=task.content * 20)
    s3.put_object(Bucket=task.stage, Key=f"reports/{name}", Body=manifest.encode())
    _move(task, item, "sent", "staged")
    _send(task.work, name)
    _take(task.work)


def _take(queue: str) -> None:
    """Receive up to ten messages, as many as a poller takes at once, and delete them."""
    sqs = client("sqs")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(found)]
    if entries:
        sqs.delete_message_batch(QueueUrl=queue, Entries=entries)


def _send(queue: str, body: str) -> None:
    client("sqs").send_message_batch(QueueUrl=queue, Entries=[{"Id": "0", "MessageBody": body}])


def _insert(task: Bare, key: str, version: str) -> dict[str, Any]:
    values = {"pk": f"readings#{key}", "sk": version, "key": key, "version": version, "sequencer": "0" * 32}
    values |= {"etag": "0" * 32, "at": "2026-01-01T00:00:00+00:00", "kind": "put", "batch": f"{task.place}"}
    fields = ", ".join(f"'{name}': ?" for name in values)
    return {
        "Statement": f'INSERT INTO "{task.table}" VALUE {{{fields}}}',
        "Parameters": [{"S": value} for value in values.values()],
    }


def _move(task: Bare, item: dict[str, Any], before: str, after: str) -> None:
    client("dynamodb").put_item(
        TableName=task.table,
        Item={**item, "state": {"S": after}},
        ConditionExpression="#state = :before",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":before": {"S": before}},
    )
