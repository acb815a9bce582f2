"""Register dataset: a dataset's stack asks CloudFormation's custom resource for tables, version and claim.

Protocol: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import logging
import urllib.request
from functools import cache
from typing import Any

from lake.core.errors import LakeError, SpecError
from lake.flows.registering import Registrar, Wanted
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.gateways.tables import GlueTables
from lake.gateways.warehouse import AthenaWarehouse
from lake.handlers.messages import Event
from lake.handlers.setting import client, start_logging, variable

REASON_LENGTH = 1000
"""CloudFormation takes an answer of at most 4,096 bytes."""


@cache
def wired() -> Registrar:
    start_logging()
    objects = S3Objects(client("s3"))
    return Registrar(
        ledger=dynamo_ledger(client("dynamodb"), variable("LAKE_LEDGER_TABLE")),
        registry=DynamoRegistry(client("dynamodb"), variable("LAKE_REGISTRY_TABLE")),
        objects=objects,
        queues=SqsQueues(client("sqs")),
        tables=GlueTables(client("glue"), objects),
        warehouse=AthenaWarehouse(client("athena")),
        arrivals_queue=variable("LAKE_ARRIVALS_QUEUE_URL"),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    """Answer where CloudFormation waits for it; who asks without a place for the answer has it from the call."""
    answer = answer_to(event)
    if "ResponseURL" in event:
        send(event["ResponseURL"], answer)
    return answer


def answer_to(event: Event) -> dict[str, Any]:
    """Do what the stack asks, and the answer that CloudFormation waits for: always one, or the stack hangs an hour."""
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": physical_id(event)}
    try:
        act(wired(), event)
    except LakeError as error:
        answer |= {"Status": "FAILED", "Reason": str(error)[:REASON_LENGTH]}
    except Exception as error:
        logging.getLogger("lake").exception("registration failed")
        reason = f"{type(error).__name__}: {error}. The log of the registration function has the trace."
        answer |= {"Status": "FAILED", "Reason": reason[:REASON_LENGTH]}
    return answer


def act(registrar: Registrar, event: Event) -> None:
    if event["RequestType"] == "Delete":
        registrar.remove(physical_id(event), event["ResourceProperties"].get("WorkGroup", ""))
    else:
        registrar.register(wanted_in(event))


def wanted_in(event: Event) -> Wanted:
    asked = event["ResourceProperties"]
    if missing := [name for name in ("Team", "Dataset", "Compiled", "Digest", "WorkGroup") if not asked.get(name)]:
        raise SpecError(f"The registration lacks {', '.join(missing)}. Deploy the dataset with `lake deploy`.")
    return Wanted(
        team=asked["Team"],
        dataset=asked["Dataset"],
        compiled=asked["Compiled"],
        digest=asked["Digest"],
        queue_url=asked.get("QueueUrl", ""),
        work_group=asked["WorkGroup"],
    )


def physical_id(event: Event) -> str:
    """`<team>/<dataset>`, the same for every request, so that an update never replaces and deletes."""
    asked = event["ResourceProperties"]
    return f"{asked.get('Team')}/{asked.get('Dataset')}"


def send(url: str, answer: dict[str, Any]) -> None:
    content = json.dumps(answer).encode()
    request = urllib.request.Request(url, data=content, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - from CloudFormation
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
