"""850,000 rows of CSV to Parquet."""

from __future__ import annotations

from pathlib import Path

from bench.budget import Result
from bench.conversion import converted


def measured(folder: Path, rounds: int) -> list[Result]:
    return [converted("csv", "csv", "csv", folder, rounds)]
