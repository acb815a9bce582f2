"""Parquet as the lake writes it: zstd, row groups of one size, rows as read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lake.light.sql import text

ROW_GROUP = 122_880
OPTIONS = (
    f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP}, DICTIONARY_SIZE_LIMIT 5000"
)


def write_parquet(engine: Any, query: str, path: Path) -> int:
    """Write the query's rows; gives their number. A file without rows is removed again."""
    rows = int(engine.execute(f"COPY ({query}) TO {text(str(path))} ({OPTIONS})").fetchone()[0])
    if not rows:
        path.unlink(missing_ok=True)
    return rows
