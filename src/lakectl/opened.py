"""The runtime's own gateways, opened with the credentials of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass

from lake.gateways.ledger import Ledger, dynamo_ledger
from lake.gateways.objects import Objects, S3Objects
from lake.gateways.registry import DynamoRegistry, Registry
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Opened:
    """Ledger, registry and objects of an environment, and its raw and stage buckets."""

    ledger: Ledger
    registry: Registry
    objects: Objects
    raw: str
    stage: str


def opened(target: Target) -> Opened:
    client = target.client("dynamodb")
    return Opened(
        dynamo_ledger(client, target.setting("ledger", "platform", "ledger-table")),
        DynamoRegistry(client, target.setting("ledger", "platform", "registry-table")),
        S3Objects(target.client("s3")),
        target.setting("storage", "platform", "raw-bucket"),
        target.setting("storage", "platform", "stage-bucket"),
    )
