"""Events: tell whoever listens on the lake's bus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from lake.core.errors import TryAgain
from lake.core.event import Event
from lake.gateways.dynamo import chunks
from lake.gateways.trouble import asking

SOURCE = "lakewright"


class Events(Protocol):
    def tell(self, events: Sequence[Event]) -> None:
        """Tell these; when it returns the bus has them all. Told again, they are heard again."""


class EventBridgeEvents:
    def __init__(self, client: Any, bus: str) -> None:
        self._client = client
        self._bus = bus

    def tell(self, events: Sequence[Event]) -> None:
        for chunk in chunks(events, 10):
            entries: Any = [
                {
                    "EventBusName": self._bus,
                    "Source": SOURCE,
                    "DetailType": event.kind,
                    "Detail": json.dumps(event.detail, ensure_ascii=False),
                }
                for event in chunk
            ]
            with asking(f"telling {self._bus}"):
                answer = self._client.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                failed = next(one for one in answer["Entries"] if "ErrorCode" in one)
                raise TryAgain(f"telling {self._bus}: {failed['ErrorCode']}: {failed.get('ErrorMessage', '')}")


class MemoryEvents:
    """`told` holds every event in order."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, events: Sequence[Event]) -> None:
        self.told.extend(Event(one.kind, json.loads(json.dumps(one.detail))) for one in events)
