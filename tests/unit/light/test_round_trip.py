"""I15: whatever text a CSV writer writes comes back as it was."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.core.contract import Column
from lake.light.convert import convert
from lake.light.source import Source
from unit.light.batch import dataset

CELLS = st.text(st.sampled_from("ab \"',\n\r#\\;é0\u2028\ufeff"), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=20)


@given(
    ROWS,
    st.sampled_from(
        [("\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_NONNUMERIC), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]
    ),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_what_is_read(rows: list[tuple[str, str, int]], style: tuple[str, int]) -> None:
    end, quoting = style
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["a", "b", "n"])
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "in").write_bytes(text.getvalue().encode())
        source = Source(root / "in", "k", "0", datetime(2013, 1, 1, tzinfo=UTC), 1)
        declared = dataset([Column("a", "string"), Column("b", "string"), Column("n", "bigint")])
        report = convert([source], declared, "b", root / "s.parquet", root / "r.parquet", root / "scratch", 1)
        assert report.objects[0].rows_in == len(rows)
        assert report.objects[0].rows_staged == len(rows)
        with duckdb.connect() as connection:
            read = connection.execute(f"SELECT coalesce(a, ''), coalesce(b, ''), n FROM '{root}/s.parquet'").fetchall()
    assert read == rows
