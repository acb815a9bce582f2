"""Merge: one row a key, the same whatever the order of arrival; removed rows give way to the next best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import PRICES, SmallLake, dataset_of

MERGE = {"mode": "merge", "keys": ["shop"], "order_by": ["seen"]}
MORNING, NOON, EVENING = (f"2025-05-01 {hour}:00:00" for hour in ("06", "12", "18"))


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> SmallLake:
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, MERGE)).create_tables()


def variant(lake: SmallLake, name: str, **table: Any) -> SmallLake:
    dataset = dataset_of(f"{lake.dataset.name}_{name}", MERGE | table)
    return SmallLake(lake.spark, lake.folder, dataset).create_tables()


def test_the_greatest_row_of_a_key_wins_within_a_run(lake: SmallLake) -> None:
    rows = [("x", 1, NOON), ("x", 2, EVENING), ("x", 3, MORNING), ("x", 4, None), (None, 5, NOON), (None, 6, None)]
    result = lake.run(1, lake.stage("a", "01", rows))
    assert (result.rows_in, result.rows_published) == (6, 2)
    assert lake.rows() == [("x", 2), (None, 5)]


def test_a_newer_row_updates_an_older_is_ignored_and_a_new_key_is_added(lake: SmallLake) -> None:
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON), ("y", 1, NOON), ("z", 1, NOON)]))
    result = lake.run(2, lake.stage("b", "01", [("x", 2, EVENING), ("y", 2, MORNING), ("new", 2, NOON)]))
    assert (result.rows_in, result.rows_published) == (3, 2)
    assert lake.rows() == [("new", 2), ("x", 2), ("y", 1), ("z", 1)]


def test_new_keys_alone_are_appended_without_rewriting_files(lake: SmallLake) -> None:
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON)]))
    files = lake.rows("file_path", ".files")
    lake.run(2, lake.stage("b", "01", [("y", 2, NOON)]))
    assert set(files) < set(lake.rows("file_path", ".files"))


def test_a_replay_changes_nothing(lake: SmallLake) -> None:
    file = lake.stage("a", "01", [("x", 1, NOON)])
    lake.run(1, file)
    before = lake.snapshots()
    assert lake.run(2, file).rows_published == 0
    assert (lake.rows(), lake.branches()) == ([("x", 1)], ["main"])
    assert lake.snapshots() == before


def test_ties_fall_to_the_later_put_then_the_object_then_the_row(lake: SmallLake) -> None:
    files = {
        "a": lake.stage("a", "01", [("x", 1, NOON), ("y", 1, NOON), ("z", 1, NOON), ("z", 2, NOON)], at=EVENING),
        "b": lake.stage("b", "01", [("y", 3, NOON)], at=EVENING),
        "c": lake.stage("c", "01", [("x", 4, NOON)], at=MORNING),
    }
    expected = [("x", 1), ("y", 3), ("z", 2)]
    lake.run(1, *files.values())
    assert lake.rows() == expected
    for number, order in enumerate(("abc", "cba")):
        other = variant(lake, f"o{number}")
        for run, name in enumerate(order, 1):
            other.run(run, files[name])
        assert other.rows() == expected, order


def test_delete_when_deletes_the_key_and_older_rows_do_not(lake: SmallLake) -> None:
    lake = variant(lake, "d", delete_when="price < 0")
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON), ("y", 1, NOON), ("never", -1, NOON)]))
    assert lake.rows() == [("x", 1), ("y", 1)]
    result = lake.run(2, lake.stage("b", "01", [("x", -1, EVENING), ("y", -1, MORNING), ("z", -1, NOON)]))
    assert (lake.rows(), result.rows_published) == ([("y", 1)], 0)


def test_a_removed_objects_keys_fall_back_to_the_next_best_row(lake: SmallLake) -> None:
    first = lake.stage("a", "01", [("x", 1, MORNING), ("y", 1, MORNING)])
    second = lake.stage("b", "01", [("x", 2, NOON), ("y", 2, NOON), ("only b", 2, NOON)])
    third = lake.stage("c", "01", [("x", 3, EVENING)])
    for number, file in enumerate((first, second, third), 1):
        lake.run(number, file)
    assert lake.rows() == [("only b", 2), ("x", 3), ("y", 2)]
    result = lake.run(4, removed=("b",), history=(first, second, third), history_left_out=[("b", "01")])
    assert (result.status, result.rows_published) == ("published", 0)
    assert lake.rows() == [("x", 3), ("y", 1)]
    lake.run(5, removed=("c",), history=(first, second, third), history_left_out=[("b", "01"), ("c", "01")])
    assert lake.rows() == [("x", 1), ("y", 1)]


def test_new_rows_and_fallen_back_ones_compete(lake: SmallLake) -> None:
    first = lake.stage("a", "01", [("x", 1, NOON), ("y", 1, MORNING)])
    second = lake.stage("b", "01", [("x", 2, EVENING), ("y", 2, EVENING)])
    lake.run(1, first)
    lake.run(2, second)
    newer = lake.stage("b", "02", [("x", 3, MORNING), ("y", 3, NOON)])
    result = lake.run(3, newer, removed=("b",), history=(first, second), history_left_out=[("b", "01")])
    assert lake.rows() == [("x", 1), ("y", 3)]
    assert result.rows_published == 1


def test_history_is_transformed_and_judged_like_new_rows(lake: SmallLake) -> None:
    columns = ({"name": "shop", "type": "string"}, {"name": "cents", "type": "bigint"}, PRICES[2])
    sql = "SELECT shop, price * 100L AS cents, seen, _src_key, _src_seq, _src_row, _batch_id, _ingested_at FROM staged"
    lake = variant(lake, "t", columns=columns, sql=sql)
    first = lake.stage("a", "01", [("x", 1, MORNING)])
    second = lake.stage("b", "01", [("x", 2, NOON)])
    lake.run(1, first)
    lake.run(2, second)
    lake.run(3, removed=("b",), history=(first, second), history_left_out=[("b", "01")])
    assert lake.rows("shop, cents") == [("x", 100)]


def test_a_deleted_key_comes_back_when_its_deletion_is_removed(lake: SmallLake) -> None:
    lake = variant(lake, "d", delete_when="price < 0")
    first, second = lake.stage("a", "01", [("x", 1, MORNING)]), lake.stage("b", "01", [("x", -1, NOON)])
    lake.run(1, first)
    lake.run(2, second)
    assert lake.rows() == []
    lake.run(3, removed=("b",), history=(first, second), history_left_out=[("b", "01")])
    assert lake.rows() == [("x", 1)]


def test_a_partitioned_table_is_merged_into(lake: SmallLake) -> None:
    lake = variant(lake, "p", partition=["day(seen)"])
    lake.run(1, lake.stage("a", "01", [("x", 1, NOON), ("y", 1, "2025-05-02 01:00:00")]))
    lake.run(2, lake.stage("b", "01", [("x", 2, "2025-05-03 01:00:00")]))
    assert lake.rows() == [("x", 2), ("y", 1)]


NUMBERS = {"shop": "string", "price": "int", "share": "float", "cost": "decimal(9,2)"}
WIDER = NUMBERS | {"price": "bigint", "share": "double", "cost": "decimal(12,2)"}


def declared(lake: SmallLake, name: str, types: dict[str, str]) -> SmallLake:
    columns = [{"name": column, "type": kind} for column, kind in types.items()]
    table = {"mode": "merge", "keys": ["shop"], "order_by": ["price", "share", "cost"], "columns": columns}
    return SmallLake(lake.spark, lake.folder, dataset_of(f"{lake.dataset.name}_{name}", table, staged=columns))


def test_columns_become_wider_and_more_and_the_version_before_may_come_back(lake: SmallLake) -> None:
    before, after = declared(lake, "w", NUMBERS), declared(lake, "w", WIDER | {"more": "string"})
    before.create_tables()
    first = before.stage("a", "01", [("x", 1, "0.5", "1.25"), ("y", 2, "0.5", "2.25")])
    before.run(1, first)
    for column in ("price", "share", "cost"):
        lake.spark.sql(f"ALTER TABLE {before.name} ALTER COLUMN {column} TYPE {WIDER[column]}")
    lake.spark.sql(f"ALTER TABLE {before.name} ADD COLUMN more string")
    after.files = 10
    second = after.stage("b", "01", [("x", 2**40, "0.1", "9999999999.99", "new")], at="2025-05-02 00:00:00")
    after.run(2, second)
    shown = "shop, price, share, string(cost), more"
    assert after.rows(shown) == [("x", 2**40, 0.1, "9999999999.99", "new"), ("y", 2, 0.5, "2.25", None)]
    third = before.stage("c", "01", [("z", 3, "0.5", "3.25"), ("y", 9, "0.5", "9.25"), ("x", 9, "0.5", "9.25")])
    before.run(3, third)
    gone = {"removed": ("b",), "history": (first, second, third), "history_left_out": [("b", "01")]}
    after.run(4, **gone)
    assert after.rows(shown) == [
        ("x", 9, 0.5, "9.25", None), ("y", 9, 0.5, "9.25", None), ("z", 3, 0.5, "3.25", None)
    ]  # fmt: skip
