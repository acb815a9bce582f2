"""850,000 rows of JSON lines to Parquet."""

from __future__ import annotations

from pathlib import Path

from bench.budget import Result
from bench.conversion import converted


def measured(folder: Path, rounds: int) -> list[Result]:
    return [converted("jsonl", "jsonl", "jsonl", folder, rounds)]
