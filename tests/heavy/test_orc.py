"""ORC as Spark writes it becomes Parquet without a change, or is rejected: the library is the larger machine's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.core.errors import Rejected
from lake.light.orc import write_as_parquet

ROWS = """SELECT CAST(id AS BIGINT) AS n, CAST(id % 7 AS TINYINT) AS small, CAST(id / 3 AS DOUBLE) AS share,
    CAST(id / 4 AS DECIMAL(20, 4)) AS money, concat('ü', id) AS name, id % 2 = 0 AS even,
    date_add(DATE '1900-01-01', CAST(id AS INT)) AS day, array(id, NULL) AS list, named_struct('a', id) AS pair,
    timestamp_micros(id * 1234567891011) AS seen, IF(id % 5 = 0, NULL, id) AS hole FROM range(5000)"""


def written(spark: Any, folder: Path, query: str, codec: str) -> Path:
    spark.sql(query).coalesce(1).write.option("compression", codec).orc(str(folder))
    (file,) = folder.glob("*.orc")
    return file


@pytest.mark.parametrize("codec", ["none", "zlib", "snappy", "zstd", "lz4"])
def test_every_value_is_the_same_in_parquet(spark: Any, tmp_path: Path, codec: str) -> None:
    write_as_parquet(written(spark, tmp_path / "orc", ROWS, codec), tmp_path / "ours.parquet")
    spark.sql(ROWS).coalesce(1).write.parquet(str(tmp_path / "theirs"))
    (theirs,) = (tmp_path / "theirs").glob("*.parquet")
    columns = "n, small, share, money, name, even, day, list, pair, seen::timestamp as seen, hole"
    one, other = (f"select {columns} from '{file}'" for file in (tmp_path / "ours.parquet", theirs))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        assert connection.execute(f"select count(*) from ({one})").fetchone() == (5000,)
        for left, right in ((one, other), (other, one)):
            assert connection.execute(f"select count(*) from ({left} except all {right})").fetchone() == (0,)


@pytest.mark.parametrize("year", ["9999", "1600"])
@pytest.mark.parametrize("codec", ["none", "zlib", "snappy", "zstd", "lz4"])
def test_times_that_the_library_would_count_over_are_rejected(
    spark: Any, tmp_path: Path, year: str, codec: str
) -> None:
    query = (
        f"SELECT 1 AS n, TIMESTAMP '{year}-12-31 00:00:00' AS at UNION ALL SELECT 2, TIMESTAMP '2013-01-01 00:00:00'"
    )
    with pytest.raises(Rejected, match=rf"column 2 holds times from .*{year}") as rejected:
        write_as_parquet(written(spark, tmp_path / "orc", query, codec), tmp_path / "ours.parquet")
    assert rejected.value.reason == "RANGE"


@pytest.mark.parametrize("end", [0, 3, 300, -1])
def test_what_is_no_whole_orc_is_rejected(spark: Any, tmp_path: Path, end: int) -> None:
    whole = written(spark, tmp_path / "orc", ROWS, "zlib").read_bytes()
    broken = tmp_path / "broken"
    broken.write_bytes(whole[:end])
    with pytest.raises(Rejected, match="not readable ORC"):
        write_as_parquet(broken, tmp_path / "ours.parquet")
