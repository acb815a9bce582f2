"""Plan run: the first step of stage B writes down what the run will read, remove and publish."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from lake.flows.planning import Planner
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.registry import DynamoRegistry
from lake.gateways.tables import GlueTables
from lake.handlers.messages import Event, path_of
from lake.handlers.setting import client, start_logging, variable


@cache
def wired() -> Planner:
    start_logging()
    objects = S3Objects(client("s3"))
    return Planner(
        ledger=dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE")),
        registry=DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE")),
        objects=objects,
        tables=GlueTables(client("glue"), objects),
        raw_bucket=variable("LAKE_RAW_BUCKET"),
        stage_bucket=variable("LAKE_STAGE_BUCKET"),
        least_workers=int(variable("LAKE_LEAST_WORKERS")),
        most_workers=int(variable("LAKE_MOST_WORKERS")),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    path = path_of(event, variable("LAKE_TEAM"))
    return asdict(wired().plan(path, str(event["run"]), int(event["attempt"])))
