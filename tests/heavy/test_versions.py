"""History: what becomes a version, from when until when it is true, and what stays when files are gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from heavy.shelf import DAYS, VALIDITY, Shelf, Version
from heavy.small_lake import PRICES, SmallLake, dataset_of
from lake.core.dataset import Dataset

HISTORY = {"mode": "history", "keys": ["shop"], "order_by": ["seen"], "validity": VALIDITY}
SHOWN = "shop, price, string(valid_from), string(valid_to), is_current"


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> SmallLake:
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, HISTORY)).create_tables()


def variant(lake: SmallLake, name: str, **table: Any) -> SmallLake:
    dataset = dataset_of(f"{lake.dataset.name}_{name}", HISTORY | table)
    return SmallLake(lake.spark, lake.folder, dataset).create_tables()


def test_a_late_row_comes_between_the_versions_that_it_belongs_between(lake: SmallLake) -> None:
    shelf = Shelf(lake)
    first = Version("a", "1", (("x", 1, DAYS[1]), ("x", 1, DAYS[3]), ("y", 5, DAYS[1])))
    assert shelf.deliver(first).rows_published == 2
    files = set(lake.rows("file_path", ".files"))
    result = shelf.deliver(Version("b", "1", (("x", 2, DAYS[2]), ("z", 7, DAYS[2]))))
    assert lake.rows(SHOWN) == [
        ("x", 1, DAYS[1], DAYS[2], False),
        ("x", 1, DAYS[3], None, True),
        ("x", 2, DAYS[2], DAYS[3], False),
        ("y", 5, DAYS[1], None, True),
        ("z", 7, DAYS[2], None, True),
    ]
    assert result.rows_published == 2
    before = lake.snapshots()
    assert (shelf.deliver(first).rows_published, lake.snapshots()) == (0, before)
    shelf.deliver(Version("c", "1", (("w", 1, DAYS[1]),)))
    assert set(lake.rows("file_path", ".files")) - files, "new keys are appended"


def test_what_stage_has_forgotten_stays_in_the_table_and_ends_when_it_ended(lake: SmallLake) -> None:
    lake = variant(lake, "f", delete_when="price < 0")
    lake.run(1, lake.stage("a", "01", [("x", 1, DAYS[1]), ("x", -1, DAYS[3]), ("y", 1, DAYS[1]), ("y", 2, DAYS[2])]))
    lake.run(2, lake.stage("b", "01", [("x", 3, DAYS[5]), ("y", 3, DAYS[4])]))
    assert lake.rows(SHOWN) == [
        ("x", 1, DAYS[1], DAYS[3], False),
        ("x", 3, DAYS[5], None, True),
        ("y", 1, DAYS[1], DAYS[2], False),
        ("y", 2, DAYS[2], DAYS[4], False),
        ("y", 3, DAYS[4], None, True),
    ]


def test_without_an_order_a_row_is_true_from_when_its_object_was_put(lake: SmallLake) -> None:
    lake = variant(lake, "n", order_by=[], validity=["since", "until", "now"])
    shelf = Shelf(lake)
    shelf.deliver(Version("b", "1", (("x", 2, DAYS[1]),), at=DAYS[7]))
    shelf.deliver(Version("a", "1", (("x", 1, DAYS[1]),), at=DAYS[6]))
    assert lake.rows("price, string(since), string(until), now") == [
        (1, DAYS[6], DAYS[7], False),
        (2, DAYS[7], None, True),
    ]


def changed(lake: SmallLake, columns: Sequence[dict[str, str]]) -> Dataset:
    return dataset_of(lake.dataset.name, HISTORY | {"columns": columns})


def test_a_wider_column_and_a_new_one_join_the_history(lake: SmallLake) -> None:
    first = lake.stage("a", "01", [("x", 1, DAYS[1])])
    lake.run(1, first)
    lake.spark.sql(f"ALTER TABLE {lake.name} ALTER COLUMN price TYPE bigint")
    lake.spark.sql(f"ALTER TABLE {lake.name} ADD COLUMN extra string")
    wide = (PRICES[0], {"name": "price", "type": "bigint"}, PRICES[2])
    lake.run(2, lake.stage("b", "01", [("x", 2, DAYS[2])]), history=(first,), dataset=changed(lake, wide))
    expected = [(1, DAYS[1], DAYS[2], None), (2, DAYS[2], None, None)]
    assert lake.rows("price, string(valid_from), string(valid_to), extra") == expected
