"""Stage A's engine on one file, against DuckDB alone that copies the same file to Parquet."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.budget import Result
from bench.orders import ROWS, declared, duckdb_columns, written
from bench.race import race
from lake.core.dataset import Dataset
from lake.core.report import BatchReport
from lake.light.convert import convert
from lake.light.source import Source

AT = datetime(2026, 1, 1, tzinfo=UTC)


def staged(file: Path, dataset: Dataset, folder: Path) -> BatchReport:
    """Convert one file as stage A does: all rows must arrive."""
    place = folder / "ours"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    source = Source(file, f"shop/orders/{file.name}", "0" * 32, AT, file.stat().st_size)
    report = convert([source], dataset, "b" * 32, place / "staged", place / "rejected", place / "scratch")
    if not report.rows_in or report.rows_staged != report.rows_in:
        raise AssertionError(f"{report.rows_staged} of {report.rows_in} rows staged: {report.objects[0].message}")
    return report


def copied(scan: str, folder: Path) -> None:
    """DuckDB with its defaults and as many threads as it likes."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        target = folder / "anchor.parquet"
        connection.execute(f"COPY (SELECT * FROM {scan}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


def scan_of(file: Path) -> str:
    columns = f"columns = {duckdb_columns()}"
    return {
        ".csv": f"read_csv('{file}', {columns}, auto_detect = false, header = true)",
        ".jsonl": f"read_json('{file}', {columns}, format = 'newline_delimited')",
        ".parquet": f"read_parquet('{file}')",
    }[file.suffix]


def converted(name: str, format_: str, suffix: str, folder: Path, rounds: int) -> Result:
    file = written(folder / "data", suffix)
    dataset, scan = declared(format_), scan_of(file)
    found = race(rounds, lambda: staged(file, dataset, folder), lambda: copied(scan, folder))
    size = file.stat().st_size / 1e6
    rates = {"rows": ROWS, "megabytes": round(size), "ours_mb_s": round(size / float(str(found.details["ours_s"])))}
    return Result(name, round(found.ratio, 2), {**rates, **found.details})
