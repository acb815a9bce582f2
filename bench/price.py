"""What a million small objects cost from raw to staged, at list prices, from recorded calls.

Route and stage A run here with their own gateways on a bare local cloud, and every call is written down. What S3 and
Lambda's pollers ask of the queues is billed too, but no call of ours: it is counted from the messages. Full batches of
one dataset; the producer's PUT and one GET of each object are what nobody can do without, and not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from bench.bare import arrange
from bench.bill import Bill
from bench.budget import Result
from bench.burst import CONTENT, DATASET
from bench.lakes import TEAM
from lake.core.claim import Claim
from lake.core.dataset import digest_of
from lake.flows.outbox import Outbox
from lake.flows.routing import Route
from lake.flows.staging import READERS, StageA
from lake.gateways.events import EventBridgeEvents
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.handlers.stage_a import by_duckdb
from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[1]
OBJECTS = 1_000
AT_ONCE = 500
"""Notifications that one call of route takes: BatchSize in foundations/arrivals.yaml."""
ROUTE_GB, STAGE_A_GB = 1.0, 2.0
"""MemorySize in foundations/arrivals.yaml, memory in pipelines/standard.yaml."""
PATH = f"{TEAM}/{DATASET}"
TYPES = {"id": "bigint", "sensor": "string", "value": "double", "taken": "timestamp"}


def measured(folder: Path, rounds: int) -> list[Result]:
    state = folder / "bare-cloud"
    cloud.reset(ROOT, state=state)
    running = cloud.up(ROOT, cold=True, state=state)
    try:
        bill = _travelled(running)
    finally:
        cloud.down(ROOT, state=state)
    bill.units["s3-get"] -= OBJECTS
    dollars = {name: round(value, 3) for name, value in bill.dollars(OBJECTS).items()}
    units = {f"{name}s_of_an_object": count / OBJECTS for name, count in sorted(bill.units.items())}
    return [Result("price", round(sum(dollars.values()), 2), {**dollars, **units, "calls": dict(bill.calls)})]


def _travelled(running: cloud.Running) -> Bill:
    """Full batches from raw to staged, watched."""
    session = boto3.Session(running.account, cloud.SECRET, region_name=running.region)
    s3 = session.client("s3", endpoint_url=running.endpoint)
    sqs = session.client("sqs", endpoint_url=running.endpoint)
    dynamodb = session.client("dynamodb", endpoint_url=running.endpoint)
    events = session.client("events", endpoint_url=running.endpoint)
    names = arrange(s3, sqs, dynamodb)
    list(_messages(sqs, names["arrivals"]))  # S3 greets a queue with a test event
    for number in range(OBJECTS):
        s3.put_object(Bucket=names["raw"], Key=f"{PATH}/{number}.csv", Body=CONTENT)
    messages = list(_messages(sqs, names["arrivals"]))
    registry = DynamoRegistry(dynamodb, names["table"])
    _register(registry, names["work"])
    bill = Bill()
    bill.units["sqs-request"] += len(messages)  # S3 sends each
    for client in (s3, sqs, dynamodb, events):
        bill.watch(client)
    ledger, objects, queues = dynamo_ledger(dynamodb, names["table"]), S3Objects(s3), SqsQueues(sqs)
    route = Route(Outbox(ledger, objects, queues, names["stage"]), registry, names["raw"])
    for first in range(0, len(messages), AT_ONCE):
        some = dict(messages[first : first + AT_ONCE])
        bill.polled(len(some))
        with bill.function(ROUTE_GB, side_by_side=1):
            failed = route.deliver(some, datetime.now(UTC))
        assert not failed, failed
    told = EventBridgeEvents(events, "default")
    stage_a = StageA(ledger, registry, objects, queues, told, by_duckdb, names["stage"], names["work"])
    batches = dynamo_ledger(_unwatched(session, running), names["table"]).batches
    for batch in batches.all(PATH):
        bill.polled(1)
        with bill.function(STAGE_A_GB, side_by_side=READERS):
            stage_a.stage(PATH, batch.id, batch.generation)
    staged = sum(batch.objects for batch in batches.all(PATH) if batch.state == "staged")
    assert staged == OBJECTS, f"{staged} of {OBJECTS} objects are staged"
    return bill


def _unwatched(session: boto3.Session, running: cloud.Running) -> Any:
    return session.client("dynamodb", endpoint_url=running.endpoint)


def _messages(sqs: Any, queue: str) -> Iterator[tuple[str, str]]:
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        yield from ((one["MessageId"], one["Body"]) for one in found)
        for one in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])


def _register(registry: DynamoRegistry, queue: str) -> None:
    """What `lake deploy` would have registered: one dataset, compiled, and its claim."""
    columns = [{"name": name, "type": type_} for name, type_ in TYPES.items()]
    described = [{**column, "description": ""} for column in columns]
    place = {"database": "lake_dev_aviation", "name": DATASET, "location": f"s3://bare-analytics/{PATH}/"}
    entry: dict[str, Any] = {
        "team": TEAM,
        "name": DATASET,
        "description": "Readings",
        "owner": "aviation-data@example.com",
        "source": {"kind": "drop", "prefix": f"{PATH}/", "format": "csv"},
        "schema": columns,
        "staged": columns,
        "table": {**place, "mode": "append", "columns": described},
        "rules": [],
        "trigger": {"max_wait": 300, "max_objects": 1000},
        "batch_objects": 100,
        "batch_bytes": 256 * 1024 * 1024,
    }
    compiled = entry | {"digest": digest_of(entry)}
    registry.keep(PATH, compiled)
    registry.set_current(PATH, compiled["digest"])
    registry.claim(Claim(f"{PATH}/", TEAM, DATASET, compiled["digest"], queue))
