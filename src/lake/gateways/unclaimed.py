"""The ledger's unclaimed objects: they wait until a dataset claims their prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lake.core.arrival import Arrival, arrival_from_json, arrival_to_json, instant
from lake.gateways.dynamo import Table

PARTITION = "unclaimed"
PREFIX_BYTES = 512
"""A sort key holds at most 1,024 bytes, as many as an S3 key: the start of the key serves to find it by prefix."""


@dataclass(frozen=True, slots=True)
class Unclaimed:
    arrival: Arrival
    since: datetime


class UnclaimedObjects(Protocol):
    def note(self, arrivals: Iterable[Arrival], since: datetime) -> None:
        """Keep arrivals that no dataset claims; what is kept already stays as it is."""

    def under(self, prefix: str) -> Iterator[Unclaimed]:
        """The unclaimed objects whose keys start with this prefix; "" gives all."""

    def forget(self, arrivals: Iterable[Arrival]) -> None: ...

    def count(self) -> int: ...


class DynamoUnclaimed:
    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, arrivals: Iterable[Arrival], since: datetime) -> None:
        extra = {"pk": PARTITION, "since": since.isoformat()}
        self._table.insert_all([{**extra, "sk": _sort(one), **arrival_to_json(one)} for one in arrivals])

    def under(self, prefix: str) -> Iterator[Unclaimed]:
        for item in self._table.query(PARTITION, starts=_start(prefix)):
            arrival = arrival_from_json(item)
            if arrival.key.startswith(prefix):
                yield Unclaimed(arrival, instant(item["since"]))

    def forget(self, arrivals: Iterable[Arrival]) -> None:
        self._table.delete_all((PARTITION, _sort(one)) for one in arrivals)

    def count(self) -> int:
        return self._table.count(PARTITION)


class MemoryUnclaimed:
    """`writes` counts what DynamoDB would bill as written items."""

    def __init__(self) -> None:
        self._items: dict[str, Unclaimed] = {}
        self.writes = 0

    def note(self, arrivals: Iterable[Arrival], since: datetime) -> None:
        for one in arrivals:
            self.writes += 1
            self._items.setdefault(_sort(one), Unclaimed(one, since))

    def under(self, prefix: str) -> Iterator[Unclaimed]:
        return iter([one for _, one in sorted(self._items.items()) if one.arrival.key.startswith(prefix)])

    def forget(self, arrivals: Iterable[Arrival]) -> None:
        for one in arrivals:
            self.writes += 1
            self._items.pop(_sort(one), None)

    def count(self) -> int:
        return len(self._items)


def _start(key: str) -> str:
    return key.encode()[:PREFIX_BYTES].decode(errors="ignore")


def _sort(arrival: Arrival) -> str:
    return f"{_start(arrival.key)}#{arrival.key_hash}#{arrival.identity}"
