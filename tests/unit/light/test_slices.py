"""Large objects are read in slices; nobody can tell from the result."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.core.contract import Column
from lake.light import delimited, slices
from lake.light.rowgroups import join_row_groups
from unit.light.batch import Stage, dataset

COLUMNS = [Column("a", "int"), Column("b", "string"), Column("c", "double")]
WIDE = 26 * 1024 * 1024


def content(*, spoilt: bytes = b"", note: bytes = b"plain") -> bytes:
    """A little more than is read whole; `spoilt` is a row in the last quarter."""
    row = note + b" text of a row " * 60
    rows = [b'%d,"%s %d",%d.5\n' % (n, row, n % 10, n) for n in range(WIDE // (len(row) + 24) + 1)]
    if spoilt:
        rows.insert(len(rows) * 4 // 5, spoilt)
    return b"a,b,c\n" + b"".join(rows)


def test_the_object_is_large_enough_to_be_sliced(tmp_path: Path) -> None:
    assert len(content()) > delimited.WHOLE
    assert slices.PAIR > delimited.WHOLE


@pytest.mark.parametrize("note", [b"plain", b"two\nlines", b'say ""hi"", you'])
def test_rows_and_numbers_are_those_of_the_whole(stage: Stage, note: bytes) -> None:
    text = content(note=note)
    result = stage(dataset(COLUMNS), text)
    rows = len(result.table)
    assert rows == text.count(b".5\n")
    assert [row[5] for row in result.table] == list(range(1, rows + 1))
    assert [row[0] for row in result.table] == list(range(rows))


def test_a_row_that_is_set_aside_keeps_its_number_and_line(stage: Stage) -> None:
    text = content(spoilt=b"no,x,1\n")
    line = text[: text.index(b"\nno,") + 1].count(b"\n") + 1
    result = stage(dataset(COLUMNS), text)
    assert result.reasons == [(line - 1, line, "contract", "a: 'no' is not an int")]
    assert result.counts[0] == (text.count(b"\n") - 1, text.count(b"\n") - 2, 1, 0)


def test_an_unclosed_quote_far_down_rejects_the_object(stage: Stage) -> None:
    result = stage(dataset(COLUMNS), content() + b'1,"open,2\n')
    assert result.ends[0][0] == "CORRUPT"
    assert result.rows == []


def test_a_nul_far_down_rejects_the_object(stage: Stage) -> None:
    result = stage(dataset(COLUMNS), content(spoilt=b"1,\0,2\n"))
    assert result.ends[0][0] == "ENCODING"


def test_joined_files_are_read_by_others(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        for n, rows in enumerate((5, 200_000, 1)):
            query = f"SELECT i + {n * 10} AS i, i::VARCHAR AS t, NULL::DATE AS d FROM range({rows}) r(i)"
            connection.execute(f"COPY ({query}) TO '{tmp_path}/{n}' (FORMAT parquet, ROW_GROUP_SIZE 50000)")
        join_row_groups([tmp_path / str(n) for n in range(3)], tmp_path / "whole.parquet")
        total = "count(*), sum(i), count(DISTINCT t), count(d)"
        parts = connection.execute(
            f"SELECT {total} FROM read_parquet(['{tmp_path}/0', '{tmp_path}/1', '{tmp_path}/2'])"
        )
        expected = parts.fetchone()
        assert connection.execute(f"SELECT {total} FROM '{tmp_path}/whole.parquet'").fetchone() == expected
        few = f"SELECT count(*) FROM '{tmp_path}/whole.parquet' WHERE t = '199999'"
        assert connection.execute(few).fetchone() == (1,)
