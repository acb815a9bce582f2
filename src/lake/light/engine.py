"""A DuckDB of our own: one thread, a share of the memory, and no way to any file but the batch's.

`_duckdb` is what the package `duckdb` wraps. The wrapper's relations, data frames and expressions are never used here,
and to import them takes a cold start three times as long as DuckDB itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from _duckdb import Error as EngineError
from _duckdb import connect

from lake.light.sql import texts

__all__ = ["EngineError", "engine"]

KEEP_ORDER = (
    "filter_pushdown,join_order,build_side_probe_side,reorder_filter,join_filter_pushdown,statistics_propagation"
)
"""Without these optimizers a filter runs where it stands, and rows come in the order of the file."""


def engine(folder: Path, readable: Iterable[Path], writable: Iterable[Path], memory_mb: int) -> Any:
    """A connection that sees `folder`, the files named, and nothing else; its settings are locked.

    One thread each makes the bytes that it writes the same every time; parallel work takes several engines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    connection = connect(
        config={
            "threads": 1,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    paths = texts(str(path) for path in (*readable, *writable))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET disabled_optimizers = '{KEEP_ORDER}'")
    connection.execute(f"SET allowed_directories = {texts([str(folder)])}")
    connection.execute(f"SET allowed_paths = {paths}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
