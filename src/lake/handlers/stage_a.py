"""Stage A: each message names a batch, which becomes one file of checked rows in stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from lake.core.dataset import Dataset
from lake.core.report import BatchReport
from lake.flows.staging import Fetched, StageA
from lake.gateways.events import EventBridgeEvents
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.gateways.workflow import StepFunctionsWorkflow
from lake.handlers.messages import Event, each, path_of
from lake.handlers.setting import client, start_logging, variable


@cache
def wired() -> StageA:
    start_logging()
    return StageA(
        ledger=dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE")),
        registry=DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE")),
        objects=S3Objects(client("s3")),
        queues=SqsQueues(client("sqs")),
        events=EventBridgeEvents(client("events"), variable("LAKE_EVENT_BUS")),
        convert=by_duckdb,
        stage_bucket=variable("LAKE_STAGE_BUCKET"),
        next_queue=variable("LAKE_STAGE_B_QUEUE_URL"),
        largest=int(variable("LAKE_LARGEST_OBJECT")),
        larger=StepFunctionsWorkflow(client("stepfunctions"), variable("LAKE_LARGE_MACHINE_ARN")),
    )


def by_duckdb(
    fetched: Sequence[Fetched], dataset: Dataset, batch_id: str, staged: Path, rejected: Path, scratch: Path
) -> BatchReport:
    """The light engine, in the role of Convert."""
    from lake.light.convert import convert
    from lake.light.source import Source

    sources = [
        Source(one.path, one.arrival.key, one.arrival.sequencer, one.arrival.at, one.arrival.size) for one in fetched
    ]
    return convert(sources, dataset, batch_id, staged, rejected, scratch)


def handler(event: Event, context: object) -> dict[str, Any]:
    return each(event, partial(stage, wired(), variable("LAKE_TEAM")))


def stage(flow: StageA, team: str, body: Mapping[str, Any]) -> None:
    flow.stage(path_of(body, team), str(body["batch"]), int(body["generation"]))
