"""Replace: the table is what the transform makes of all live objects, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of, row_rule

NOON = "2025-05-01 12:00:00"
TOTALS = ({"name": "shop", "type": "string"}, {"name": "total", "type": "bigint"})
SUMS = {"mode": "replace", "columns": TOTALS, "sql": "SELECT shop, sum(price) AS total FROM staged GROUP BY shop"}


@pytest.fixture
def sums(spark: Any, tmp_path: Path) -> SmallLake:
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, SUMS)).create_tables()


def test_new_and_live_objects_are_transformed_together(sums: SmallLake) -> None:
    first = sums.stage("a", "01", [("x", 1, NOON), ("y", 5, NOON)])
    sums.run(1, first)
    second = sums.stage("b", "01", [("x", 2, NOON)])
    result = sums.run(2, second, history=(first,))
    assert (result.rows_in, result.rows_published) == (1, 2)
    assert sums.rows("shop, total") == [("x", 3), ("y", 5)]
    assert sums.rows("DISTINCT _src_key") == [(None,)]


def test_a_removed_object_is_not_read_again(sums: SmallLake) -> None:
    first, second = sums.stage("a", "01", [("x", 1, NOON)]), sums.stage("b", "01", [("x", 2, NOON)])
    sums.run(1, first, second)
    sums.run(2, removed=("b",), history=(first, second), history_left_out=[("b", "01")])
    assert sums.rows("shop, total") == [("x", 1)]


def test_when_all_objects_are_gone_the_table_is_empty(sums: SmallLake) -> None:
    first = sums.stage("a", "01", [("x", 1, NOON)])
    sums.run(1, first)
    assert sums.run(2, removed=("a",)).status == "published"
    assert sums.rows("shop, total") == []


def test_rows_that_are_set_aside_again_lie_in_quarantine_once(spark: Any, tmp_path: Path) -> None:
    rules = (row_rule("IsComplete-shop", 'IsComplete "shop"', "shop IS NOT NULL"),)
    lake = SmallLake(spark, tmp_path, dataset_of("replace_once", {"mode": "replace"}, rules=rules)).create_tables()
    first = lake.stage("a", "01", [("x", 1, NOON), (None, 2, NOON)])
    assert lake.run(1, first).rows_quarantined == 1
    assert lake.run(2, lake.stage("b", "01", [("y", 1, NOON)]), history=(first,)).rows_quarantined == 0
    assert lake.rows("shop, _src_key") == [("x", "a"), ("y", "b")]
    assert lake.aside() == [("a", "IsComplete-shop", "r00000001")]
