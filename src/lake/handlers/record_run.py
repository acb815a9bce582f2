"""Record run: the last step of stage B gives the run its one terminal status."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from lake.flows.recording import Recorder
from lake.gateways.events import EventBridgeEvents
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.handlers.messages import Event, path_of
from lake.handlers.setting import client, now, start_logging, variable


@cache
def wired() -> Recorder:
    start_logging()
    return Recorder(
        ledger=dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE")),
        registry=DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE")),
        objects=S3Objects(client("s3")),
        queues=SqsQueues(client("sqs")),
        events=EventBridgeEvents(client("events"), variable("LAKE_EVENT_BUS")),
        stage_bucket=variable("LAKE_STAGE_BUCKET"),
        queue=variable("LAKE_STAGE_B_QUEUE_URL"),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    path = path_of(event, variable("LAKE_TEAM"))
    run = wired().record(path, str(event["run"]), int(event.get("attempt", 0)), now(), error_in(event))
    return {"status": run.status, "run": run.id, "rows_published": run.rows_published, "message": run.message}


MESSAGES = ("ErrorMessage", "errorMessage", "StateDetails")
"""Where a Glue job, a function and a run of EMR Serverless say why they failed."""


def error_in(event: Event) -> str:
    """What a state machine caught, in one line; "" where nothing went wrong."""
    error = event.get("error")
    if not error:
        return ""
    if isinstance(error, dict):
        return f"{error.get('Error', 'error')}: {_cause(error.get('Cause', json.dumps(error)))}"
    return str(error)


def _cause(cause: str) -> str:
    """The message of a job or a function that failed, out of all that Step Functions tells about it."""
    try:
        told = json.loads(cause)
    except ValueError:
        return cause
    said = (told.get(name) for name in MESSAGES) if isinstance(told, dict) else ()
    return str(next(filter(None, said), cause))
