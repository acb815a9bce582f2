"""SQS events: each message alone, and only those that failed come back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lake.core.errors import LakeError
from lake.flows.notice import warn

Event = Mapping[str, Any]


def failures(ids: list[str]) -> dict[str, Any]:
    """The answer by which Lambda keeps these messages on their queue."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in ids]}


def each(event: Event, act: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Act on the body of every message; one that cannot be handled now leaves the others alone."""
    failed = []
    for record in event["Records"]:
        try:
            act(body_of(record))
        except LakeError as error:
            warn("message comes back", message=record["messageId"], error=type(error).__name__, why=str(error))
            failed.append(record["messageId"])
    return failures(failed)


def body_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object in a message. Raises Malformed."""
    try:
        body = json.loads(record["body"])
    except ValueError as error:
        raise Malformed("The message is not JSON. Delete it from the dead letters.") from error
    if not isinstance(body, dict) or not isinstance(body.get("team"), str) or not isinstance(body.get("dataset"), str):
        raise Malformed("The message names no team and dataset. Delete it from the dead letters.")
    return body


class Malformed(LakeError):
    """A message is not one of ours: it ends among the dead letters."""


def path_of(body: Mapping[str, Any], team: str) -> str:
    """The dataset that a message speaks of. Raises Malformed for another team's."""
    if body["team"] != team:
        raise Malformed(f"The message speaks of team {body['team']}; this function serves {team}.")
    return f"{body['team']}/{body['dataset']}"
