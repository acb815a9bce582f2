"""The manifest of a batch: its objects, in a file of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lake.core.arrival import Arrival, arrival_from_json, arrival_to_json


def manifest_to_json(batch: str, arrivals: Iterable[Arrival]) -> dict[str, Any]:
    ordered = sorted(arrivals, key=lambda one: (one.key, one.identity))
    return {"batch": batch, "objects": [arrival_to_json(one) for one in ordered]}


def manifest_from_json(entry: Mapping[str, Any]) -> list[Arrival]:
    return [arrival_from_json(one) for one in entry["objects"]]
