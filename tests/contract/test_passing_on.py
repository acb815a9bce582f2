"""Queues, the workflow and the catalog's tables."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from contract.conftest import Place
from lake.core.contract import Column
from lake.core.event import Event
from lake.core.iceberg import Standing
from lake.gateways.events import EventBridgeEvents, Events, MemoryEvents
from lake.gateways.objects import MemoryObjects, S3Objects
from lake.gateways.queues import MemoryQueues, Queues, SqsQueues
from lake.gateways.tables import GlueTables, MemoryTables, NotIceberg, Tables
from lake.gateways.workflow import MemoryWorkflow, StepFunctionsWorkflow, Workflow

METADATA: dict[str, Any] = {
    "location": "s3://bucket/aviation/flights",
    "current-schema-id": 1,
    "schemas": [
        {"schema-id": 0, "fields": []},
        {
            "schema-id": 1,
            "fields": [
                {"id": 1, "name": "at", "type": "timestamp", "required": False, "doc": "When"},
                {"id": 2, "name": "n", "type": "long", "required": True},
                {"id": 3, "name": "price", "type": "decimal(9, 2)", "required": False},
            ],
        },
    ],
    "default-spec-id": 0,
    "partition-specs": [
        {
            "spec-id": 0,
            "fields": [
                {"transform": "day", "source-id": 1},
                {"transform": "bucket[16]", "source-id": 2},
                {"transform": "identity", "source-id": 2},
            ],
        }
    ],
    "current-snapshot-id": 8744736658442914487,
    "snapshots": [
        {"snapshot-id": 3, "summary": {"operation": "append", "total-files-size": "77"}},
        {"snapshot-id": 8744736658442914487, "summary": {"operation": "append", "total-files-size": "4096"}},
    ],
}
STANDING = Standing(
    (Column("at", "timestamp", "When"), Column("n", "bigint", nullable=False), Column("price", "decimal(9,2)")),
    ("day(at)", "bucket(16,n)", "n"),
    "s3://bucket/aviation/flights",
    8744736658442914487,
    4096,
)


def test_every_message_of_a_long_list_is_kept(place: Place):
    bodies = [{"n": number, "text": "é+ "} for number in range(23)]
    if place.name == "memory":
        queues = MemoryQueues()
        _send(queues, "queue", bodies)
        assert [body for _, body, _ in queues.sent] == bodies
        return
    sqs = place.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid4().hex[:8]}")["QueueUrl"]
    _send(SqsQueues(sqs), url, bodies)
    found: list[dict[str, Any]] = []
    for _ in range(10):
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        found += [json.loads(one["Body"]) for one in got.get("Messages", [])]
    assert sorted(found, key=lambda body: body["n"]) == bodies


def _send(queues: Queues, url: str, bodies: list[dict[str, Any]]) -> None:
    queues.send(url, bodies)


def test_every_event_of_a_long_list_is_heard(place: Place):
    events = [Event("Run ended", {"team": "aviation", "n": number, "message": "é"}) for number in range(23)]
    if place.name == "memory":
        memory = MemoryEvents()
        _tell(memory, events)
        assert memory.told == events
        return
    bus, url = _listened_bus(place)
    _tell(EventBridgeEvents(place.client("events"), bus), events)
    found: list[dict[str, Any]] = []
    for _ in range(10):
        got = place.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        found += [json.loads(one["Body"]) for one in got.get("Messages", [])]
    assert sorted(one["detail"]["n"] for one in found) == list(range(23))
    assert {(one["source"], one["detail-type"], one["detail"]["message"]) for one in found} == {
        ("lakewright", "Run ended", "é")
    }


def _tell(events: Events, told: list[Event]) -> None:
    events.tell(told)


def _listened_bus(place: Place) -> tuple[str, str]:
    """A bus, and a queue that hears all of it."""
    name, sqs, bus = f"b-{uuid4().hex[:8]}", place.client("sqs"), place.client("events")
    bus.create_event_bus(Name=name)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    bus.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["lakewright"]}))
    bus.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    return name, url


@pytest.fixture
def workflow(place: Place) -> Workflow:
    if place.name == "memory":
        return MemoryWorkflow()
    trusted = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    role = place.client("iam").create_role(RoleName=f"r-{uuid4().hex[:8]}", AssumeRolePolicyDocument=policy)
    body = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    machines = place.client("stepfunctions")
    made = machines.create_state_machine(
        name=f"m-{uuid4().hex[:8]}", definition=json.dumps(body), roleArn=role["Role"]["Arn"]
    )
    return StepFunctionsWorkflow(machines, made["stateMachineArn"])


def test_one_name_is_one_execution(workflow: Workflow):
    """F24."""
    payload = {"team": "aviation", "run": "r00000001"}
    assert workflow.standing("run-1") == "unknown"
    workflow.start("run-1", payload)
    workflow.start("run-1", payload)
    assert workflow.standing("run-1") == "running"
    assert workflow.reference("run-1").endswith(":run-1")


@pytest.fixture
def tables(place: Place) -> Tables:
    if place.name == "memory":
        found = MemoryTables()
        found.tables["lake", "flights"] = STANDING
        return found
    bucket, glue, objects = place.bucket(), place.client("glue"), S3Objects(place.client("s3"))
    objects.write(bucket, "metadata/1.json", json.dumps(METADATA).encode())
    glue.create_database(DatabaseInput={"Name": "lake"})
    iceberg = {"table_type": "ICEBERG", "metadata_location": f"s3://{bucket}/metadata/1.json"}
    glue.create_table(DatabaseName="lake", TableInput={"Name": "flights", "Parameters": iceberg})
    glue.create_table(DatabaseName="lake", TableInput={"Name": "other", "Parameters": {}})
    return GlueTables(glue, objects)


def test_a_table_is_found_as_its_metadata_describes_it(tables: Tables, place: Place):
    assert tables.find("lake", "flights") == STANDING
    assert tables.find("lake", "nothing") is None
    if place.name != "memory":
        with pytest.raises(NotIceberg, match=r"lake\.other exists and is not an Iceberg table"):
            tables.find("lake", "other")


def test_the_fake_starts_empty():
    assert MemoryTables().find("lake", "flights") is None
    assert list(MemoryObjects().versions("bucket", "")) == []
