"""Gather: from stage B's queue, the five-minute rule, or somebody who asks: which datasets are due for a run?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from lake.flows.gathering import Answer, Gatherer
from lake.flows.recording import Recorder
from lake.flows.watching import of_team
from lake.gateways.events import EventBridgeEvents
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.metrics import CloudWatchMetrics, Metrics
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.gateways.workflow import StepFunctionsWorkflow
from lake.handlers.messages import Event, each, path_of
from lake.handlers.setting import client, now, start_logging, variable


@cache
def wired() -> Gatherer:
    start_logging()
    ledger = dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE"))
    registry = DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE"))
    objects, queues = S3Objects(client("s3")), SqsQueues(client("sqs"))
    bucket, queue = variable("LAKE_STAGE_BUCKET"), variable("LAKE_STAGE_B_QUEUE_URL")
    workflow = StepFunctionsWorkflow(client("stepfunctions"), variable("LAKE_STATE_MACHINE_ARN"))
    events = EventBridgeEvents(client("events"), variable("LAKE_EVENT_BUS"))
    recorder = Recorder(ledger, registry, objects, queues, events, bucket, queue)
    return Gatherer(ledger, registry, objects, queues, workflow, recorder, bucket, queue)


def handler(event: Event, context: object) -> dict[str, Any]:
    team = variable("LAKE_TEAM")
    if "Records" in event:
        return each(event, partial(take, wired(), team))
    if "detail-type" in event:
        return swept(wired(), CloudWatchMetrics(client("cloudwatch"), variable("LAKE_METRICS")), team)
    return as_json(wired().consider(path_of(event, team), "asked", now()))


def swept(flow: Gatherer, metrics: Metrics, team: str) -> dict[str, Any]:
    """Every five minutes: look at every dataset, then write down how old its data is."""
    answers = {path: as_json(answer) for path, answer in flow.sweep(team, now()).items()}
    metrics.put(list(of_team(flow.ledger, flow.registry, team, now())))
    return answers


def take(flow: Gatherer, team: str, body: Mapping[str, Any]) -> None:
    """One message: a batch that is staged, an input that has published, or a timer."""
    path = path_of(body, team)
    if "batch" in body:
        flow.staged(path, [str(body["batch"])], now())
    elif body.get("reason") == "input":
        flow.published(path, str(body.get("input", "")), str(body.get("run", "")), now())
    else:
        flow.consider(path, "timer", now(), arm=bool(body.get("arm")))


def as_json(answer: Answer) -> dict[str, Any]:
    if answer.run:
        return {"run": answer.run, "execution_arn": answer.execution}
    return {"run": None, "reason": answer.reason}
