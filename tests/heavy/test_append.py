"""Append: every object version once, and removed objects' rows gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of, row_rule

NOON = "2025-05-01 12:00:00"
AWKWARD = 'shops/o\'brien "+" `x`\\.csv'


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> SmallLake:
    rules = (row_rule("IsComplete-shop", 'IsComplete "shop"', "shop IS NOT NULL"),)
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": "append"}, rules=rules)).create_tables()


def test_rows_are_added_and_counted(lake: SmallLake) -> None:
    result = lake.run(1, lake.stage("a", "01", [("x", 1, NOON), ("y", 2, NOON)]))
    assert (result.status, result.rows_in, result.rows_published, result.rows_quarantined) == ("published", 2, 2, 0)
    assert lake.rows() == [("x", 1), ("y", 2)]
    assert lake.branches() == ["main"]
    assert set(result.seconds) >= {"open", "transform", "branch", "write", "check", "publish", "quarantine"}


def test_timestamps_keep_their_value_without_a_zone(lake: SmallLake) -> None:
    lake.run(1, lake.stage("a", "01", [("x", 1, "2025-03-30 02:30:00")]))
    assert lake.rows("cast(seen AS string), typeof(seen)") == [("2025-03-30 02:30:00", "timestamp_ntz")]


def test_an_object_version_is_never_doubled_and_a_replay_leaves_no_snapshot(lake: SmallLake) -> None:
    file = lake.stage("a", "01", [("x", 1, NOON)])
    lake.run(1, file)
    before = lake.snapshots()
    result = lake.run(2, file)
    assert (result.status, result.rows_in, result.rows_published) == ("published", 1, 0)
    assert (lake.rows(), lake.snapshots(), lake.branches()) == ([("x", 1)], before, ["main"])


def test_a_replay_beside_a_new_object_adds_the_new_one_alone(lake: SmallLake) -> None:
    file = lake.stage("a", "01", [("x", 1, NOON)])
    lake.run(1, file)
    assert lake.run(2, file, lake.stage("b", "01", [("y", 2, NOON)])).rows_published == 1
    assert lake.rows() == [("x", 1), ("y", 2)]


def test_versions_left_out_bring_nothing(lake: SmallLake) -> None:
    old, new = lake.stage("a", "01", [("old", 1, NOON)]), lake.stage("a", "02", [("new", 2, NOON)])
    result = lake.run(1, old, new, left_out=[("a", "01")])
    assert (result.rows_in, lake.rows()) == (1, [("new", 2)])


def test_a_newer_version_replaces_the_rows_of_the_older(lake: SmallLake) -> None:
    lake.run(1, lake.stage(AWKWARD, "01", [("old", 1, NOON)]), lake.stage("b", "01", [("other", 3, NOON)]))
    lake.run(2, lake.stage(AWKWARD, "02", [("new", 2, NOON)]), removed=(AWKWARD,))
    assert lake.rows() == [("new", 2), ("other", 3)]


def test_a_delete_removes_the_rows_also_from_quarantine(lake: SmallLake) -> None:
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON), (None, 2, NOON)]), lake.stage("b", "01", [(None, 3, NOON)]))
    assert lake.aside("_src_key") == [("a",), ("b",)]
    result = lake.run(2, removed=("a",))
    assert (result.status, result.rows_published) == ("published", 0)
    assert (lake.rows(), lake.aside("_src_key")) == ([], [("b",)])


def test_a_plan_without_work_does_nothing(lake: SmallLake) -> None:
    assert lake.run(1).status == "nothing"
    assert lake.snapshots() == 0


def test_rejected_rows_become_visible_with_the_publish(lake: SmallLake) -> None:
    rejected = (lake.reject("a", "01", 2), lake.reject("a", "00", 5))
    result = lake.run(1, lake.stage("a", "01", [("x", 1, NOON)]), rejected=rejected, left_out=[("a", "00")])
    assert (result.rows_in, result.rows_published, result.rows_quarantined) == (1, 1, 2)
    assert lake.aside() == [("a", "contract", "r00000001")] * 2


def test_a_run_of_rejected_rows_alone_is_published(lake: SmallLake) -> None:
    result = lake.run(1, rejected=(lake.reject("a", "01", 2),))
    assert (result.status, result.rows_published, result.rows_quarantined, lake.snapshots()) == ("published", 0, 2, 0)


def test_a_column_that_a_newer_version_of_the_dataset_added_is_null(lake: SmallLake) -> None:
    lake.spark.sql(f"ALTER TABLE {lake.name} ADD COLUMN extra int FIRST")
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON)]))
    assert lake.rows("shop, extra") == [("x", None)]


def test_many_removed_keys_are_removed(lake: SmallLake) -> None:
    keys = [f"k{number}" for number in range(600)]
    lake.run(1, lake.stage("k7", "01", [("x", 1, NOON)]), lake.stage("b", "01", [("y", 2, NOON)]))
    lake.run(2, removed=tuple(keys))
    assert lake.rows() == [("y", 2)]
