"""Deliveries of object versions, the plan that follows from them, and what each mode makes of the live rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from random import Random
from typing import Any

from heavy.small_lake import SmallLake

VALIDITY = ["valid_from", "valid_to", "is_current"]
DAYS = [f"2025-05-{day:02} 00:00:00" for day in range(10)]

Row = tuple[str, int, str]
"""Shop, price, seen; a price below nothing deletes the shop in the modes that know of deletions."""


@dataclass(frozen=True)
class Version:
    """One version of one object; without rows it is the delete of its key."""

    key: str
    sequencer: str
    rows: tuple[Row, ...] = ()
    at: str = "2025-06-01 00:00:00"


@dataclass
class Shelf:
    """What was delivered to a lake, and the plan of the next run as the planner makes it."""

    lake: SmallLake
    files: dict[Version, str] = field(default_factory=dict)
    runs: int = 0

    def deliver(self, *versions: Version) -> Any:
        """One run of these versions."""
        known = list(self.files)
        others = [one for one in known if one not in versions]
        for one in versions:
            self.files[one] = self.lake.stage(one.key, one.sequencer, one.rows, one.at) if one.rows else ""
        newest = self._newest()
        self.runs += 1
        return self.lake.run(
            self.runs,
            *(self.files[one] for one in versions if one.rows),
            left_out=[(one.key, one.sequencer) for one in versions if one.rows and newest[one.key] != one],
            removed=tuple(sorted({one.key for one in known if newest[one.key] in versions})),
            history=tuple(self.files[one] for one in others if one.rows),
            history_left_out=[(one.key, one.sequencer) for one in others if newest[one.key] != one],
        )

    @property
    def live(self) -> list[Version]:
        return [one for one in self._newest().values() if one.rows]

    def _newest(self) -> dict[str, Version]:
        return {one.key: one for one in sorted(self.files, key=lambda one: one.sequencer)}


def deliveries(dice: Random) -> list[Version]:
    """Objects that are overwritten and deleted, with rows that repeat one another, contradict and delete."""
    found = []
    for number in range(10):
        rows = tuple(
            (f"k{dice.randint(1, 12)}", dice.choice([1, 1, 2, 3, -1]), DAYS[dice.randint(1, 5)])
            for _ in range(dice.choice([0, 8, 16, 24]))
        )
        found.append(Version(f"o{dice.randint(1, 5)}", f"{number:02}", rows, DAYS[dice.randint(6, 8)]))
    return found


def in_order(versions: Iterable[Version]) -> list[tuple[str, str, int]]:
    """Shop, seen, price of every row: by shop, and within it as `order_by: [seen]` orders rows."""
    rows = [
        (shop, seen, one.at, one.key, one.sequencer, number, price)
        for one in versions
        for number, (shop, price, seen) in enumerate(one.rows, 1)
    ]
    return [(row[0], row[1], row[-1]) for row in sorted(rows)]


def every_row(versions: Iterable[Version]) -> list[tuple[Any, ...]]:
    return [(shop, price) for shop, _, price in in_order(versions)]


def best_row(versions: Iterable[Version]) -> list[tuple[Any, ...]]:
    last = {shop: price for shop, _, price in in_order(versions)}
    return [(shop, price) for shop, price in last.items() if price >= 0]


def every_version(versions: Iterable[Version]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for shop, rows in groupby(in_order(versions), itemgetter(0)):
        by_instant = {seen: None if price < 0 else price for _, seen, price in rows}
        said = [next(same) for _, same in groupby(by_instant.items(), itemgetter(1))]
        for (start, price), (end, _) in pairwise([*said, (None, None)]):
            if price is not None:
                found.append((shop, price, start, end, end is None))
    return found


MODES: Mapping[str, tuple[dict[str, Any], str, Callable[[Iterable[Version]], list[tuple[Any, ...]]]]] = {
    "append": ({}, "shop, price", every_row),
    "replace": ({}, "shop, price", every_row),
    "merge": ({"keys": ["shop"], "order_by": ["seen"], "delete_when": "price < 0"}, "shop, price", best_row),
    "history": (
        {"keys": ["shop"], "order_by": ["seen"], "delete_when": "price < 0", "validity": VALIDITY},
        "shop, price, string(valid_from), string(valid_to), is_current",
        every_version,
    ),
}
"""Of each mode its settings, the columns to compare, and its oracle in plain Python."""
