"""History: the versions of a key and their times follow from its rows, in whatever order and company they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from heavy.small_lake import PRICES, SmallLake, dataset_of
from lake.core.dataset import Dataset

VALIDITY = ["valid_from", "valid_to", "is_current"]
HISTORY = {"mode": "history", "keys": ["shop"], "order_by": ["seen"], "validity": VALIDITY}
SHOWN = "shop, price, string(valid_from), string(valid_to), is_current"
MAY = [f"2025-05-{day:02} 00:00:00" for day in range(10)]

Row = tuple[str, int | None, str]


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
        before = list(self.files)
        self.files |= {one: self.lake.stage(one.key, one.sequencer, one.rows, one.at) for one in versions if one.rows}
        self.files |= {one: "" for one in versions if not one.rows}
        newest = {one.key: one for one in sorted(self.files, key=lambda one: one.sequencer)}
        removed = {one.key for one in before if newest[one.key] in versions}
        self.runs += 1
        return self.lake.run(
            self.runs,
            *(self.files[one] for one in versions if one.rows),
            left_out=[(one.key, one.sequencer) for one in versions if one.rows and newest[one.key] != one],
            removed=tuple(sorted(removed)),
            history=tuple(self.files[one] for one in before if one.rows),
            history_left_out=[(one.key, one.sequencer) for one in before if newest[one.key] != one],
        )

    @property
    def live(self) -> list[Version]:
        newest = {one.key: one for one in sorted(self.files, key=lambda one: one.sequencer)}
        return [one for one in newest.values() if one.rows]


def oracle(versions: Iterable[Version]) -> list[tuple[Any, ...]]:
    """The history of live rows, by plain Python."""
    rows = [(row[0], row[2], one.at, one.key, one.sequencer, number, row[1])
            for one in versions for number, row in enumerate(one.rows, 1)]  # fmt: skip
    found = []
    for shop in sorted({row[0] for row in rows}):
        by_instant = {row[1]: row[-1] for row in sorted(row for row in rows if row[0] == shop)}
        said: list[tuple[str, int | None]] = []
        for instant, price in sorted(by_instant.items()):
            what = None if price is not None and price < 0 else price
            if not said or said[-1][1] != what:
                said.append((instant, what))
        ends = [instant for instant, _ in said[1:]] + [None]
        found += [(shop, what, start, end, end is None)
                  for (start, what), end in zip(said, ends, strict=True) if what is not None]  # fmt: skip
    return sorted(found, key=repr)


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> SmallLake:
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, HISTORY)).create_tables()


def variant(lake: SmallLake, name: str, **table: Any) -> SmallLake:
    dataset = dataset_of(f"{lake.dataset.name}_{name}", HISTORY | table)
    return SmallLake(lake.spark, lake.folder, dataset).create_tables()


def deliveries(dice: Random) -> list[Version]:
    """Objects that are overwritten and deleted, with rows that repeat one another, contradict and delete."""
    found = []
    for number in range(14):
        key, sequencer = f"o{dice.randint(1, 6)}", f"{number:02}"
        rows = tuple(
            (f"k{dice.randint(1, 12)}", dice.choice([1, 1, 2, 3, -1]), MAY[dice.randint(1, 5)])
            for _ in range(dice.choice([0, 8, 16, 24]))
        )
        found.append(Version(key, sequencer, rows, MAY[dice.randint(6, 8)]))
    return found


def test_the_table_is_what_the_live_rows_say_after_every_run_of_any_order(lake: SmallLake) -> None:
    dice = Random(20)
    versions = deliveries(dice)
    lake = variant(lake, "d", delete_when="price < 0")
    shelf = Shelf(lake)
    dice.shuffle(versions)
    while versions:
        size = dice.randint(3, 6)
        run, versions = versions[:size], versions[size:]
        shelf.deliver(*run)
        assert lake.rows(SHOWN) == oracle(shelf.live), run
    before = lake.snapshots()
    assert shelf.deliver(*shelf.live[:3]).rows_published == 0
    assert (lake.snapshots(), lake.branches()) == (before, ["main"])


def test_a_late_row_comes_between_the_versions_that_it_belongs_between(lake: SmallLake) -> None:
    shelf = Shelf(lake)
    assert shelf.deliver(Version("a", "1", (("x", 1, MAY[1]), ("x", 1, MAY[3]), ("y", 5, MAY[1])))).rows_published == 2
    files = set(lake.rows("file_path", ".files"))
    result = shelf.deliver(Version("b", "1", (("x", 2, MAY[2]), ("z", 7, MAY[2]))))
    assert lake.rows(SHOWN) == [
        ("x", 1, MAY[1], MAY[2], False),
        ("x", 1, MAY[3], None, True),
        ("x", 2, MAY[2], MAY[3], False),
        ("y", 5, MAY[1], None, True),
        ("z", 7, MAY[2], None, True),
    ]
    assert result.rows_published == 2
    shelf.deliver(Version("c", "1", (("w", 1, MAY[1]),)))
    assert set(lake.rows("file_path", ".files")) - files, "new keys are appended"


def test_what_stage_has_forgotten_stays_in_the_table_and_ends_when_it_ended(lake: SmallLake) -> None:
    lake = variant(lake, "f", delete_when="price < 0")
    lake.run(1, lake.stage("a", "01", [("x", 1, MAY[1]), ("x", -1, MAY[3]), ("y", 1, MAY[1]), ("y", 2, MAY[2])]))
    lake.run(2, lake.stage("b", "01", [("x", 3, MAY[5]), ("y", 3, MAY[4])]))
    assert lake.rows(SHOWN) == [
        ("x", 1, MAY[1], MAY[3], False),
        ("x", 3, MAY[5], None, True),
        ("y", 1, MAY[1], MAY[2], False),
        ("y", 2, MAY[2], MAY[4], False),
        ("y", 3, MAY[4], None, True),
    ]


def test_without_an_order_a_row_is_true_from_when_its_object_was_put(lake: SmallLake) -> None:
    lake = variant(lake, "n", order_by=[], validity=["since", "until", "now"])
    shelf = Shelf(lake)
    shelf.deliver(Version("b", "1", (("x", 2, MAY[1]),), at=MAY[7]))
    shelf.deliver(Version("a", "1", (("x", 1, MAY[1]),), at=MAY[6]))
    assert lake.rows("price, string(since), string(until), now") == [
        (1, MAY[6], MAY[7], False),
        (2, MAY[7], None, True),
    ]


def changed(lake: SmallLake, columns: Sequence[dict[str, str]]) -> Dataset:
    return dataset_of(lake.dataset.name, HISTORY | {"columns": columns})


def test_a_wider_column_and_a_new_one_join_the_history(lake: SmallLake) -> None:
    first = lake.stage("a", "01", [("x", 1, MAY[1])])
    lake.run(1, first)
    lake.spark.sql(f"ALTER TABLE {lake.name} ALTER COLUMN price TYPE bigint")
    lake.spark.sql(f"ALTER TABLE {lake.name} ADD COLUMN extra string")
    wide = (PRICES[0], {"name": "price", "type": "bigint"}, PRICES[2])
    lake.run(2, lake.stage("b", "01", [("x", 2, MAY[2])]), history=(first,), dataset=changed(lake, wide))
    expected = [(1, MAY[1], MAY[2], None), (2, MAY[2], None, None)]
    assert lake.rows("price, string(valid_from), string(valid_to), extra") == expected
