"""Late, out of order, overwritten, deleted, repeated: in every mode the table is what the live rows say (F2, F3)."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from heavy.shelf import MODES, Shelf, deliveries
from heavy.small_lake import SmallLake, dataset_of


@pytest.mark.parametrize("mode", MODES)
def test_the_table_is_what_the_live_rows_say_after_every_run_of_any_order(
    spark: Any, tmp_path: Path, mode: str
) -> None:
    settings, columns, oracle = MODES[mode]
    lake = SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": mode} | settings)).create_tables()
    shelf, dice = Shelf(lake), Random(31)
    versions = deliveries(dice)
    dice.shuffle(versions)
    while versions:
        size = dice.randint(3, 5)
        run, versions = versions[:size], versions[size:]
        shelf.deliver(*run)
        assert lake.rows(columns) == sorted(oracle(shelf.live), key=repr), run
    shelf.deliver(*shelf.live[:3])
    assert lake.rows(columns) == sorted(oracle(shelf.live), key=repr)
    assert lake.branches() == ["main"]
