"""Events as AWS makes them, built from what is really there: an object in raw, a batch or a run in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from botocore.exceptions import ClientError

from lake.core.arrival import padded
from lake.core.batch import Batch
from lake.flows.outbox import stage_a_message
from lake.flows.replaying import Replayer
from lake.flows.staging import staged_message
from lake.flows.story import Chapter, story_of
from lake.gateways.queues import MemoryQueues
from lakectl.commands.trace import place, trace
from lakectl.failure import Failure
from lakectl.functions import Deployed, Function
from lakectl.opened import Opened
from lakectl.specs.load import split_name
from lakectl.target import Target

MESSAGE = "00000000-0000-4000-8000-000000000001"


def event_for(target: Target, lake: Opened, function: Function, there: Deployed, about: str) -> dict[str, Any]:
    """The event that would bring this function to an object (`s3://…` or its key) or a dataset. Raises Failure."""
    if function.name == "Route":
        return message(there, {"Records": [notification(target, lake, about)]})
    if function.name == "StageA":
        return message(there, stage_a_message(_batch(lake, about)))
    if function.name == "Gather" and "/" in about:
        return message(there, staged_message(_batch(lake, about)))
    if function.name == "Gather":
        team, dataset = split_name(target.root, about)
        return {"team": team, "dataset": dataset, "reason": "asked"}
    if function.name in ("PlanRun", "RecordRun"):
        run = _newest(lake, about).run
        if run is None:
            raise Failure(f"No run has taken {about} yet. Start one: lake run <team>.<dataset>")
        return {"team": run.team, "dataset": run.dataset, "run": run.id, "attempt": run.attempt}
    raise Failure(
        f"{function.name} is asked by CloudFormation, for a stack that waits for its answer. Write such a request "
        "into a file, as tests/events/register/ shows, and give it by --event FILE."
    )


def replayed(target: Target, lake: Opened, there: Deployed, batch: str) -> dict[str, Any]:
    """The message that stages a batch again: its next generation is opened, and not sent but handed over here.

    Raises Failure where no dataset has the batch, SpecError where it cannot be replayed now.
    """
    for claim in lake.registry.claims():
        if lake.ledger.batches.get(claim.path, [batch]):
            caught = MemoryQueues()
            opened = Replayer(lake.ledger, lake.registry, caught, there.name).replay(claim.path, [batch])
            return message(there, stage_a_message(opened[0]))
    raise Failure(f"No dataset has a batch {batch}. `lake trace <key>` shows the batch of an object.")


def message(there: Deployed, body: Mapping[str, Any]) -> dict[str, Any]:
    """What Lambda makes of one message of a queue.

    Format: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    text = json.dumps(body)
    _, partition, _, region, account, *_ = there.arn.split(":")
    record = {
        "messageId": MESSAGE,
        "receiptHandle": "MessageReceiptHandle",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "0",
            "SenderId": account,
            "ApproximateFirstReceiveTimestamp": "0",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:{partition}:sqs:{region}:{account}:lake-invoke",
        "awsRegion": region,
    }
    return {"Records": [record]}


def notification(target: Target, lake: Opened, address: str) -> dict[str, Any]:
    """What S3 says of the newest version of an object. Raises Failure where there is none."""
    bucket, key = place(address, lake.raw)
    found = _head(target, bucket, key)
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": target.region,
        "eventTime": f"{found['LastModified']:%Y-%m-%dT%H:%M:%S.000Z}",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": found["ContentLength"],
                "eTag": found["ETag"].strip('"'),
                "versionId": found.get("VersionId", "null"),
                "sequencer": _sequencer(lake, bucket, key, found),
            },
        },
    }


def _head(target: Target, bucket: str, key: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = target.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
            raise Failure(f"There is no s3://{bucket}/{key}. Copy a file there first: aws s3 cp.") from error
        raise
    return found


def _sequencer(lake: Opened, bucket: str, key: str, found: Mapping[str, Any]) -> str:
    """S3's own, which the ledger keeps; of a version that was never announced, one made of its time."""
    story = story_of(lake.ledger, lake.registry, lake.objects, lake.stage, bucket, key)
    told = (one.arrival for one in story.chapters if one.arrival.version == found.get("VersionId", "null"))
    known = next(told, None)
    return known.sequencer if known else padded(f"{int(found['LastModified'].timestamp() * 1000):X}")


def _batch(lake: Opened, address: str) -> Batch:
    chapter = _newest(lake, address)
    if chapter.batch is None:
        raise Failure(f"{address} is in no batch: {chapter.fate.state}. `lake trace {address}` tells more.")
    return chapter.batch


def _newest(lake: Opened, address: str) -> Chapter:
    return trace(lake, address).chapters[-1]
