"""DuckDB as the engine: a database of its own for each query, with no way to the host's files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lakelocal.inside.athena.macros import MACROS

MEMORY = "1GB"
THREADS = 2


def open_engine(spill: Path) -> duckdb.DuckDBPyConnection:
    """A locked database in memory: no files, no extensions, no settings can be reached from its SQL."""
    spill.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect(
        ":memory:",
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    engine.execute("SET integer_division = true")  # before the macros: their text is read by it
    for macro in MACROS:
        engine.execute(macro)
    for setting in (
        "TimeZone = 'UTC'",
        "preserve_insertion_order = true",
        "python_scan_all_frames = false",
        "python_enable_replacements = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        engine.execute(f"SET {setting}")
    return engine
