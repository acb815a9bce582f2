"""Partitions, order and file size: what the dataset declares today is how the next run writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of
from lake.core.dataset import Dataset

MERGE = {"mode": "merge", "keys": ["shop"], "order_by": ["seen"]}
MAY, JUNE = "2025-05-01 12:00:00", "2025-06-01 12:00:00"


def laid_out(lake: SmallLake, **table: Any) -> Dataset:
    """The same dataset, declared anew."""
    return dataset_of(lake.dataset.name, MERGE | table)


@pytest.fixture
def lake(spark: Any, tmp_path: Path) -> SmallLake:
    lake = SmallLake(spark, tmp_path, dataset_of(tmp_path.name, MERGE | {"partition": ["month(seen)"]}))
    lake.create_tables()
    lake.run(1, lake.stage("a", "01", [("x", 1, MAY), ("y", 1, JUNE)]))
    return lake


def specs(lake: SmallLake) -> set[tuple[int, int]]:
    """The partition specs of the files, and the rows in each."""
    found = lake.spark.sql(f"SELECT spec_id, sum(record_count) FROM {lake.name}.files GROUP BY spec_id").collect()
    return {(row[0], int(row[1])) for row in found}


def spec(lake: SmallLake) -> list[str]:
    from lake.heavy.iceberg import open_table

    handle = open_table(lake.spark, lake.dataset.table.database, lake.dataset.name, ()).handle
    return [str(field.transform()) for field in handle.spec().fields()]


LAYOUTS = {
    (): [],
    ("shop",): ["identity"],
    ("year(seen)", "truncate(2, shop)"): ["truncate[2]", "year"],
    ("day(seen)", "bucket(4, shop)"): ["bucket[4]", "day"],
    ("hour(seen)", "bucket(8, shop)"): ["bucket[8]", "hour"],
}


def test_another_partition_is_how_new_files_lie_and_old_ones_stay_readable(lake: SmallLake) -> None:
    expected = {"x": 1, "y": 1}
    for number, (partition, transforms) in enumerate(LAYOUTS.items(), 2):
        rows = [(f"new {number}", number, MAY), ("x", number, f"2025-06-{number:02} 12:00:00")]
        changed = laid_out(lake, partition=list(partition))
        lake.run(number, lake.stage(f"o{number}", "01", rows), dataset=changed)
        expected |= {f"new {number}": number, "x": number}
        assert sorted(spec(lake)) == transforms
        assert lake.rows() == sorted(expected.items())
    assert len(specs(lake)) > len(LAYOUTS) / 2


def test_a_partition_that_comes_back_is_the_old_one(lake: SmallLake) -> None:
    lake.run(2, lake.stage("b", "01", [("z", 3, MAY)]), dataset=laid_out(lake, partition=["bucket(4, shop)"]))
    lake.run(3, lake.stage("c", "01", [("w", 3, MAY)]), dataset=laid_out(lake, partition=["month(seen)"]))
    assert specs(lake) == {(0, 3), (1, 1)}


def test_removed_rows_leave_files_of_every_layout(lake: SmallLake) -> None:
    first, second = (lake.stage(key, "01", [(key, 1, MAY)]) for key in ("p", "q"))
    lake.run(2, first)
    changed = laid_out(lake, partition=["shop"])
    lake.run(3, second, dataset=changed)
    gone = {"removed": ("p", "q"), "history": (first, second), "history_left_out": [("p", "01"), ("q", "01")]}
    lake.run(4, dataset=changed, **gone)
    assert lake.rows() == [("x", 1), ("y", 1)]


def test_rows_lie_in_the_declared_order_and_files_have_the_declared_size(lake: SmallLake) -> None:
    changed = laid_out(lake, sort=["price desc", "shop"], file_size=64 * 1024 * 1024)
    rows = [("b", 1, MAY), ("d", 9, MAY), ("a", 1, MAY), ("c", 5, MAY)]
    before = set(lake.rows("file_path", ".files"))
    lake.run(2, lake.stage("b", "01", rows), dataset=changed)
    ((file,),) = set(lake.rows("file_path", ".files")) - before
    stored = lake.spark.read.parquet(file).collect()
    assert [(row.shop, row.price) for row in stored] == [("d", 9), ("c", 5), ("a", 1), ("b", 1)]
    properties = {row[0]: row[1] for row in lake.spark.sql(f"SHOW TBLPROPERTIES {lake.name}").collect()}
    assert properties["write.target-file-size-bytes"] == "67108864"
    lake.run(3, lake.stage("c", "01", [("e", 1, MAY)]), dataset=laid_out(lake))
    properties = {row[0]: row[1] for row in lake.spark.sql(f"SHOW TBLPROPERTIES {lake.name}").collect()}
    assert ("write.target-file-size-bytes" in properties, "sort-order" in properties) == (False, False)


def test_a_layout_that_stands_is_not_committed_again(lake: SmallLake) -> None:
    from lake.heavy.iceberg import open_table
    from lake.heavy.layout import lay_out

    changed = laid_out(lake, partition=["bucket(4, shop)", "month(seen)"], sort=["shop"], file_size=1024**2).table
    table = open_table(lake.spark, lake.dataset.table.database, lake.dataset.name, ())
    lay_out(table, changed)
    before = table.handle.operations().current().metadataFileLocation()
    lay_out(table, changed)
    assert table.handle.operations().refresh().metadataFileLocation() == before
