"""Shuffles fit what a run reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of

NOON = "2025-05-01 12:00:00"


def partitions(spark: Any) -> int:
    return int(spark.conf.get("spark.sql.shuffle.partitions"))


def test_a_small_run_has_a_partition_for_each_core_also_when_it_only_removes(spark: Any, tmp_path: Path) -> None:
    lake = SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": "replace"})).create_tables()
    file = lake.stage("a", "01", [("x", 1, NOON)])
    for number, plan in enumerate(({}, {"removed": ("a",)}, {"left_out": [("b", "01")]}), 1):
        spark.conf.set("spark.sql.shuffle.partitions", "99")
        lake.run(number, *([] if "removed" in plan else [file]), **plan)
        assert partitions(spark) == 2


def test_a_large_run_has_more_and_never_too_many(spark: Any) -> None:
    from lake.heavy.session import MOST_PARTITIONS, size_shuffles

    size_shuffles(spark, 1024**3)
    assert partitions(spark) == 64
    size_shuffles(spark, 1024**5)
    assert partitions(spark) == MOST_PARTITIONS


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("spark.sql.extensions", ""),
        ("spark.sql.catalog.glue_catalog.type", ""),
        ("spark.sql.session.timeZone", ""),
        ("spark.sql.session.timeZone", "Europe/Paris"),
    ],
)
def test_a_session_without_a_setting_that_spark_would_not_miss_is_refused(spark: Any, setting: str, value: str) -> None:
    from lake.heavy.session import MissingSetting, check_settings

    found = dict(spark.sparkContext.getConf().getAll())
    check_settings(lambda name: found.get(name, ""))
    found[setting] = value
    named = setting.removesuffix(".type")
    with pytest.raises(MissingSetting, match=named):
        check_settings(lambda name: found.get(name, ""))
