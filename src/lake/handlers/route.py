"""Route: S3's notifications from the arrivals queue become batches; every five minutes, what is unclaimed is aged."""

from __future__ import annotations

from functools import cache
from typing import Any

from lake.flows.outbox import Outbox
from lake.flows.routing import Route
from lake.flows.watching import of_unclaimed
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.metrics import CloudWatchMetrics, Metrics
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.handlers.messages import Event, failures
from lake.handlers.setting import client, now, start_logging, variable


@cache
def wired() -> Route:
    start_logging()
    outbox = Outbox(
        ledger=dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE")),
        objects=S3Objects(client("s3")),
        queues=SqsQueues(client("sqs")),
        stage_bucket=variable("LAKE_STAGE_BUCKET"),
    )
    registry = DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE"))
    return Route(outbox, registry, variable("LAKE_RAW_BUCKET"))


def handler(event: Event, context: object) -> dict[str, Any]:
    if "detail-type" in event:
        return watched(wired(), CloudWatchMetrics(client("cloudwatch"), variable("LAKE_METRICS")))
    bodies = {record["messageId"]: record["body"] for record in event["Records"]}
    return failures(wired().deliver(bodies, now()))


def watched(flow: Route, metrics: Metrics) -> dict[str, Any]:
    """Every five minutes: how many objects no dataset claims, and since when."""
    measures = list(of_unclaimed(flow.outbox.ledger, now()))
    metrics.put(measures)
    return {one.name: one.value for one in measures}
