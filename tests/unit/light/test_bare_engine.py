"""What a function has is DuckDB without the package that wraps it, whose methods a test process has seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[3]
READ = """
import sys
sys.modules["duckdb"] = None  # whoever imports the wrapper fails
from pathlib import Path
from lake.core.contract import Column
from lake.light.engine import engine
from lake.light.parquet import parquet_columns
folder = Path(sys.argv[1])
file = folder / "a.parquet"
shape, rows = parquet_columns(engine(folder / "scratch", [file], [], 256), file, (Column("a", "int"),))
print(shape, rows)
"""


def test_parquet_is_described_without_the_wrapper(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1::INT AS a) TO '{tmp_path}/a.parquet' (FORMAT parquet)")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path)],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "(('a', 'INTEGER'),) 1", done.stderr
