"""Queues: hand a message on, now or a little later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lake.core.errors import TryAgain
from lake.gateways.dynamo import chunks
from lake.gateways.trouble import asking

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Body = Mapping[str, Any]


class Queues(Protocol):
    def send(self, url: str, bodies: Sequence[Body], delay: int = 0) -> None:
        """Send these messages; when it returns they are all kept. `delay` is in seconds, 900 at most."""


class SqsQueues:
    def __init__(self, client: SQSClient) -> None:
        self._client = client

    def send(self, url: str, bodies: Sequence[Body], delay: int = 0) -> None:
        for chunk in chunks(bodies, 10):
            entries: Any = [
                {"Id": str(place), "MessageBody": json.dumps(body, ensure_ascii=False), "DelaySeconds": delay}
                for place, body in enumerate(chunk)
            ]
            with asking(f"sending to {url}"):
                answer = self._client.send_message_batch(QueueUrl=url, Entries=entries)
            if failed := answer.get("Failed"):
                raise TryAgain(f"sending to {url}: {failed[0]['Code']}: {failed[0].get('Message', '')}")


class MemoryQueues:
    """`sent` holds every message in order: URL, body, delay."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Body, int]] = []

    def send(self, url: str, bodies: Sequence[Body], delay: int = 0) -> None:
        self.sent.extend((url, json.loads(json.dumps(body)), delay) for body in bodies)
