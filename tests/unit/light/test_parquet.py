"""F52: Parquet objects against their contract."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from lake.core.contract import Column
from unit.light.batch import Stage, dataset

COLUMNS = [Column("a", "bigint"), Column("b", "string", nullable=False)]


def written(path: Path, query: str) -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def test_columns_bind_by_name_and_widen(stage: Stage, tmp_path: Path) -> None:
    one = written(tmp_path / "1", "SELECT 'x' AS b, 1::INTEGER AS a UNION ALL SELECT 'y', 2")
    two = written(tmp_path / "2", "SELECT 9007199254740993::BIGINT AS a, 'z' AS b")
    result = stage(dataset(COLUMNS, format_="parquet"), one, two)
    assert sorted(result.rows) == [(1, "x"), (2, "y"), (9007199254740993, "z")]
    assert [row[-3] for row in sorted(result.table)] == [1, 2, 1]


@pytest.mark.parametrize("counted", ["TIMESTAMP_NS", "TIMESTAMPTZ_NS"])
def test_nanoseconds_arrive_where_they_are_whole_microseconds(stage: Stage, tmp_path: Path, counted: str) -> None:
    columns = [Column("at", "timestamp"), Column("seen", "array<timestamp>")]
    times = [f"'2025-03-01 12:00:00.{digits}'::{counted}" for digits in ("123456", "123456789")]
    query = f"SELECT {times[0]} AS at, [{times[0]}] AS seen UNION ALL SELECT NULL, NULL"
    query += "".join(f" UNION ALL SELECT {at}, [{seen}]" for at, seen in (times, times[::-1]))
    result = stage(dataset(columns, format_="parquet"), written(tmp_path / "1", query))
    moment = datetime(2025, 3, 1, 12, 0, 0, 123456)
    assert sorted(result.rows, key=repr) == [(None, None), (moment, [moment])]
    said = [reason for *_, reason in result.reasons]
    assert [one.partition(":")[0] for one in said] == ["seen", "at"]
    assert "'2025-03-01 12:00:00.123456789" in said[1]
    assert said[1].endswith("is not a timestamp")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1::BIGINT AS a", "'b' is missing"),
        ("SELECT 1.5::DOUBLE AS a, 'x' AS b", "'a' is DOUBLE in the file"),
        ("SELECT 1::BIGINT AS a, 'x' AS b, 2 AS c", "'c' is not declared"),
        ("SELECT 1::BIGINT AS a, 'x' AS bb", "did you mean 'b'?"),
        ("SELECT [1] AS a, 'x' AS b", "'a' is INTEGER[] in the file"),
    ],
)
def test_another_schema_rejects_the_file(stage: Stage, tmp_path: Path, query: str, said: str) -> None:
    result = stage(dataset(COLUMNS, format_="parquet"), written(tmp_path / "1", query))
    assert result.ends[0][0] == "SCHEMA"
    assert said in result.ends[0][1]


def test_a_broken_file_is_rejected_alone(stage: Stage, tmp_path: Path) -> None:
    good = written(tmp_path / "1", "SELECT 1::BIGINT AS a, 'x' AS b")
    result = stage(dataset(COLUMNS, format_="parquet"), good.read_bytes()[:-9], good, b"", b"a,b\n1,x\n")
    assert result.rows == [(1, "x")]
    assert [reason for reason, _ in result.ends] == ["CORRUPT", "", "CORRUPT", "CORRUPT"]
    assert not [said for _, said in result.ends if "/" in said], "no path of the machine that read it"


def test_a_null_where_none_may_be_sets_the_row_aside_as_json(stage: Stage, tmp_path: Path) -> None:
    file = written(tmp_path / "1", "SELECT 1::BIGINT AS a, 'x' AS b UNION ALL SELECT 2, NULL")
    result = stage(dataset(COLUMNS, format_="parquet"), file)
    assert result.rows == [(1, "x")]
    assert result.reasons == [(2, None, "contract", "b: is null but must not be")]
    assert result.raw == ['{"a":2,"b":null}']
