"""The ledger's object versions: written once, with the batch that owns them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from lake.core.arrival import Arrival, arrival_from_json, hash_of_key
from lake.core.entry import Entry
from lake.gateways.dynamo import Table

Name = tuple[str, str]
"""What names a version inside a dataset: the hash of bucket and key, and the version's identity."""


class Entries(Protocol):
    """`path` is the dataset, `<team>/<dataset>`."""

    def enter(self, path: str, entries: Sequence[Entry]) -> list[Entry]:
        """Record versions that are new, and give all of them as they stand, in order: what is known stays."""

    def versions(self, path: str, bucket: str, key: str) -> list[Entry]:
        """All known versions of one key, oldest first."""

    def end(self, path: str, arrival: Arrival, end: str, reason: str, message: str) -> None:
        """Record the exceptional end of a known version."""


class DynamoEntries:
    def __init__(self, table: Table) -> None:
        self._table = table

    def enter(self, path: str, entries: Sequence[Entry]) -> list[Entry]:
        items = {name_of(entry.arrival): _item(path, entry) for entry in entries}
        taken = self._table.insert_all(list(items.values()))
        known = {
            (str(item["pk"]).rpartition("#")[2], str(item["sk"])): item
            for item in self._table.get_all((str(item["pk"]), str(item["sk"])) for item in taken)
        }
        return [
            _entry(entry.arrival.bucket, known[name_of(entry.arrival)]) if name_of(entry.arrival) in known else entry
            for entry in entries
        ]

    def versions(self, path: str, bucket: str, key: str) -> list[Entry]:
        return [_entry(bucket, item) for item in self._table.query(f"{path}#{hash_of_key(bucket, key)}")]

    def end(self, path: str, arrival: Arrival, end: str, reason: str, message: str) -> None:
        key = (f"{path}#{arrival.key_hash}", arrival.identity)
        self._table.set(key, {"end": end, "reason": reason, "message": message})


class MemoryEntries:
    """`writes` counts what DynamoDB would bill as written items."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, Name], Entry] = {}
        self.writes = 0

    def enter(self, path: str, entries: Sequence[Entry]) -> list[Entry]:
        self.writes += len(entries)
        return [self._items.setdefault((path, name_of(entry.arrival)), entry) for entry in entries]

    def versions(self, path: str, bucket: str, key: str) -> list[Entry]:
        key_hash = hash_of_key(bucket, key)
        found = [one for (owner, name), one in self._items.items() if owner == path and name[0] == key_hash]
        return sorted(found, key=lambda one: one.arrival.identity)

    def end(self, path: str, arrival: Arrival, end: str, reason: str, message: str) -> None:
        self.writes += 1
        place = (path, name_of(arrival))
        self._items[place] = replace(self._items[place], end=end, reason=reason, message=message)


def name_of(arrival: Arrival) -> Name:
    return (arrival.key_hash, arrival.identity)


def _item(path: str, entry: Entry) -> dict[str, Any]:
    arrival = entry.arrival
    item: dict[str, Any] = {
        "pk": f"{path}#{arrival.key_hash}",
        "sk": arrival.identity,
        "key": arrival.key,
        "version": arrival.version,
        "sequencer": arrival.sequencer,
        "size": arrival.size,
        "etag": arrival.etag,
        "at": arrival.at.isoformat(),
        "kind": arrival.kind,
    }
    exceptional = {"batch": entry.batch, "end": entry.end, "reason": entry.reason, "message": entry.message}
    return item | {name: value for name, value in exceptional.items() if value}


def _entry(bucket: str, item: Mapping[str, Any]) -> Entry:
    return Entry(
        arrival=arrival_from_json({**item, "bucket": bucket}),
        batch=item.get("batch", ""),
        end=item.get("end", ""),
        reason=item.get("reason", ""),
        message=item.get("message", ""),
    )
