"""What calls cost: billed units, and their list prices of `prices.json`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from time import process_time
from typing import Any

PRICES = json.loads(Path(__file__).with_name("prices.json").read_text())
WRITE_UNIT = 1024
"""Bytes of an item that one write unit pays for."""
READ_UNIT = 4096
"""Bytes of a page of items, or of one item, that one strongly consistent read unit pays for."""


@dataclass
class Bill:
    """Billed units by their name in prices.json, and the calls behind them."""

    units: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    gigabyte_seconds: float = 0.0

    def watch(self, client: Any) -> None:
        """Note every call that this client makes from now on."""
        client.meta.events.register("before-call", self._asked)
        client.meta.events.register("after-call", self._answered)

    def polled(self, messages: int) -> None:
        """A poller receives and deletes up to ten messages at once."""
        self.units["sqs-request"] += 2 * ceil(messages / 10)

    @contextmanager
    def function(self, memory_gb: float, side_by_side: int) -> Iterator[None]:
        """One invocation: its processor time here, and the latency that AWS would add to its calls.

        Of GetObject `side_by_side` are under way at once.
        """
        began, before = process_time(), Counter(self.calls)
        yield
        waited = 0.0
        for call, number in (self.calls - before).items():
            service, _, name = call.partition(" ")
            waited += PRICES["latency"][service] * number / (side_by_side if name == "GetObject" else 1)
        self.units["lambda-request"] += 1
        self.gigabyte_seconds += (process_time() - began + waited) * memory_gb

    def dollars(self, objects: int) -> dict[str, float]:
        """By unit, for a million objects."""
        found = {name: PRICES[name] * count / objects for name, count in self.units.items()}
        return found | {"lambda-gb-second": PRICES["lambda-gb-second"] * self.gigabyte_seconds / objects}

    def _asked(self, model: Any, params: Any, **_: object) -> None:
        service = model.service_model.service_name
        self.calls[f"{service} {model.name}"] += 1
        if model.name in ("PutObject", "GetObject"):
            self.units["s3-put" if model.name == "PutObject" else "s3-get"] += 1
        elif service == "sqs":
            self.units["sqs-request"] += 1
        elif model.name == "PutEvents":
            self.units["event"] += len(json.loads(params["body"])["Entries"])
        elif model.name == "BatchExecuteStatement":
            for statement in json.loads(params["body"])["Statements"]:
                self.units["dynamodb-write-unit"] += _units(statement["Parameters"], WRITE_UNIT)
        elif model.name == "PutItem":
            self.units["dynamodb-write-unit"] += _units(json.loads(params["body"])["Item"], WRITE_UNIT)
        elif model.name not in ("GetItem", "BatchGetItem", "Query"):
            raise AssertionError(f"{service} {model.name} has no price yet: add it to bench/bill.py")

    def _answered(self, model: Any, parsed: Any, **_: object) -> None:
        if model.name in ("GetItem", "BatchGetItem", "Query"):
            found = {name: value for name, value in parsed.items() if name in ("Item", "Items", "Responses")}
            self.units["dynamodb-read-unit"] += _units(found, READ_UNIT)


def _units(values: Any, size: int) -> int:
    """At least one; JSON is longer than what is billed, so this is never too little."""
    return max(1, ceil(len(json.dumps(values, default=str)) / size))
