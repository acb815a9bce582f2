"""Stage A on a larger machine: the Glue job that stages one batch which is beyond a function.

The flow and the light engine are those of the function; only the driver works, and no Spark session is made.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lake.flows.staging import StageA
from lake.gateways.events import EventBridgeEvents
from lake.gateways.ledger import dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.queues import SqsQueues
from lake.gateways.registry import DynamoRegistry
from lake.handlers.setting import client, start_logging
from lake.handlers.stage_a import by_duckdb

ARGUMENTS = {
    "--region": "where the tables and queues are",
    "--ledger-table": "name of the ledger",
    "--registry-table": "name of the registry",
    "--stage-bucket": "bucket of staged files",
    "--next-queue": "URL of stage B's queue",
    "--event-bus": "name of the bus that is told",
    "--largest": "bytes of the largest object that this machine reads",
    "--team": "team of the batch",
    "--dataset": "dataset of the batch",
    "--batch": "id of the batch",
    "--generation": "generation of the batch",
}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Ours; Glue adds its own, and abbreviations would take those for ours."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name, words in ARGUMENTS.items():
        parser.add_argument(name, required=True, help=words)
    return parser.parse_known_args(argv)[0]


def main(argv: Sequence[str]) -> None:
    given = arguments(argv)
    os.environ.setdefault("AWS_DEFAULT_REGION", given.region)
    start_logging()
    flow = StageA(
        ledger=dynamo_ledger(client("dynamodb"), given.ledger_table),
        registry=DynamoRegistry(client("dynamodb"), given.registry_table),
        objects=S3Objects(client("s3")),
        queues=SqsQueues(client("sqs")),
        events=EventBridgeEvents(client("events"), given.event_bus),
        convert=by_duckdb,
        stage_bucket=given.stage_bucket,
        next_queue=given.next_queue,
        largest=int(given.largest),
    )
    flow.stage(f"{given.team}/{given.dataset}", given.batch, int(given.generation))


if __name__ == "__main__":
    main(sys.argv[1:])
