"""The ledger: objects, batches and runs in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lake.gateways.batches import Batches, DynamoBatches, MemoryBatches
from lake.gateways.dynamo import Table
from lake.gateways.entries import DynamoEntries, Entries, MemoryEntries
from lake.gateways.runs import DynamoRuns, MemoryRuns, Runs
from lake.gateways.unclaimed import DynamoUnclaimed, MemoryUnclaimed, UnclaimedObjects

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Ledger:
    """The table's parts, each with a role of its own."""

    entries: Entries
    batches: Batches
    runs: Runs
    unclaimed: UnclaimedObjects


def dynamo_ledger(client: DynamoDBClient, name: str) -> Ledger:
    table = Table(client, name)
    return Ledger(DynamoEntries(table), DynamoBatches(table), DynamoRuns(table), DynamoUnclaimed(table))


def memory_ledger() -> Ledger:
    return Ledger(MemoryEntries(), MemoryBatches(), MemoryRuns(), MemoryUnclaimed())
