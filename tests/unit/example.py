"""A compiled dataset, as small as one can be, and arrivals for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lake.core.arrival import Arrival, padded
from lake.core.dataset import digest_of

RAW = "lake-raw"
START = datetime(2026, 1, 1, tzinfo=UTC)


def compiled(name: str = "flights", mode: str = "append", **changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "team": "aviation",
        "name": name,
        "description": "Flights",
        "owner": "someone@example.com",
        "source": {"kind": "drop", "prefix": f"aviation/{name}/", "format": "csv", "ignore": ["*.tmp"]},
        "schema": [{"name": "row", "type": "string"}],
        "staged": [{"name": "row", "type": "string"}],
        "table": {
            "database": "lake_dev_aviation",
            "name": name,
            "location": f"s3://lake-analytics/aviation/{name}/",
            "mode": mode,
            "columns": [{"name": "row", "type": "string", "description": "The row"}],
        },
        "rules": [],
        "trigger": {"max_wait": 300, "max_objects": 1000},
        "batch_objects": 3,
        "batch_bytes": 1000,
    }
    entry |= changes
    return entry | {"digest": digest_of(entry)}


def derived(name: str = "daily", inputs: tuple[str, ...] = ("aviation.flights",)) -> dict[str, Any]:
    return compiled(name, "replace", source={"kind": "tables", "inputs": list(inputs)})


def arrival(key: str = "aviation/flights/a.csv", number: int = 1, **changes: Any) -> Arrival:
    """The `number` orders the versions of a key and their times."""
    fields: dict[str, Any] = {
        "bucket": RAW,
        "key": key,
        "version": f"v{number}",
        "sequencer": padded(f"{number:018X}"),
        "size": 10,
        "etag": f"e{number}",
        "at": START + timedelta(seconds=number),
    }
    return Arrival(**fields | changes)
