"""Derived datasets: inputs at their pinned snapshots, by SQL and by Python, in every mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of

NOON = "2025-05-01 12:00:00"
COUNTS = ({"name": "shop", "type": "string"}, {"name": "prices", "type": "bigint"})
SQL = "SELECT shop, count(*) AS prices FROM shops__{input} GROUP BY shop"
PYTHON = """
from pyspark.sql import functions as F

@F.udf("string")
def shouted(text):
    return text.upper()

def transform(spark, inputs):
    prices = inputs["shops.{input}"]
    return prices.groupBy(shouted("shop").alias("shop")).agg(F.count("*").alias("prices"))
"""


@pytest.fixture
def source(spark: Any, tmp_path: Path) -> SmallLake:
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": "append"})).create_tables()


def derived(source: SmallLake, **table: Any) -> SmallLake:
    table = {"columns": COUNTS} | {name: _named(text, source) for name, text in table.items()}
    kind = {"kind": "tables", "inputs": [f"shops.{source.dataset.name}"]}
    dataset = dataset_of(f"{source.dataset.name}_out", table, source=kind)
    return SmallLake(source.spark, source.folder, dataset).create_tables()


def _named(value: Any, source: SmallLake) -> Any:
    return value.replace("{input}", source.dataset.name) if isinstance(value, str) else value


def pins(source: SmallLake, snapshot: str) -> dict[str, tuple[str, int]]:
    return {f"shops.{source.dataset.name}": (f"lake_shops.{source.dataset.name}", int(snapshot))}


def test_inputs_are_read_at_their_pinned_snapshot(source: SmallLake) -> None:
    pinned = source.run(1, source.stage("a", "01", [("x", 1, NOON)])).snapshot
    newest = source.run(2, source.stage("b", "01", [("x", 2, NOON)])).snapshot
    out = derived(source, mode="replace", sql=SQL)
    result = out.run(1, inputs=pins(source, pinned))
    assert (result.status, result.rows_published, out.rows("shop, prices")) == ("published", 1, [("x", 1)])
    out.run(2, inputs=pins(source, newest))
    assert out.rows("shop, prices") == [("x", 2)]


def test_python_gets_its_inputs_by_name_and_may_use_python_functions(source: SmallLake) -> None:
    snapshot = source.run(1, source.stage("a", "01", [("x", 1, NOON), ("x", 2, NOON)])).snapshot
    out = derived(source, mode="replace", python=PYTHON)
    out.run(1, inputs=pins(source, snapshot))
    assert out.rows("shop, prices") == [("X", 2)]


def test_merge_updates_what_differs_and_keeps_what_is_gone(source: SmallLake) -> None:
    out = derived(source, mode="merge", keys=["shop"], sql=SQL)
    first = source.run(1, source.stage("a", "01", [("x", 1, NOON), ("x", 1, NOON), ("y", 1, NOON)])).snapshot
    out.run(1, inputs=pins(source, first))
    source.run(2, source.stage("b", "01", [("z", 1, NOON), ("x", 1, NOON)]), removed=("a",))
    second = source.run(3, source.stage("c", "01", [("z", 1, NOON)])).snapshot
    result = out.run(2, inputs=pins(source, second))
    assert result.rows_published == 2
    assert out.rows("shop, prices") == [("x", 1), ("y", 1), ("z", 2)]
    before = out.snapshots()
    assert out.run(3, inputs=pins(source, second)).rows_published == 0
    assert out.snapshots() == before


def test_append_adds_each_runs_rows_once(source: SmallLake) -> None:
    snapshot = source.run(1, source.stage("a", "01", [("x", 1, NOON)])).snapshot
    out = derived(source, mode="append", sql=SQL)
    for number in (1, 1, 2):
        out.run(number, inputs=pins(source, snapshot))
    assert out.rows("shop, prices") == [("x", 1), ("x", 1)]


def test_an_input_that_became_empty_empties_the_table(source: SmallLake) -> None:
    out = derived(source, mode="replace", sql=SQL)
    out.run(1, inputs=pins(source, source.run(1, source.stage("a", "01", [("x", 1, NOON)])).snapshot))
    out.run(2, inputs=pins(source, source.run(2, removed=("a",)).snapshot))
    assert out.rows("shop, prices") == []
