"""Questions to Athena on the laptop, from their start until they have succeeded, against DuckDB on the same file.

The figure is what Athena adds to the median question: the calls, Trino's rules over DuckDB's, and the result in S3.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench.budget import Result
from bench.lakes import standing
from bench.orders import COLUMNS, ROWS, written

BUCKET, DATABASE, TABLE = "bench-orders", "bench", "orders"
QUESTIONS = (
    "SELECT count(*) AS orders FROM {table}",
    "SELECT country, count(*) AS orders, sum(price) AS price FROM {table} GROUP BY country ORDER BY country",
    "SELECT sum(quantity) AS pieces FROM {table} WHERE day BETWEEN DATE '2015-01-01' AND DATE '2015-12-31'",
    "SELECT id, price FROM {table} ORDER BY price DESC, id LIMIT 10",
    "SELECT count(DISTINCT email) AS people FROM {table} WHERE active",
)
PAUSE = 0.01


def measured(folder: Path, rounds: int) -> list[Result]:
    file = written(folder / "data", "parquet")
    ours, anchor = [], []
    with standing(folder / "athena", {}) as target, duckdb.connect() as engine:
        client = target.client("athena")
        _table(target.client("s3"), client, file)
        _asked(client, QUESTIONS[0].format(table=TABLE))  # the first question starts the engine
        for question in QUESTIONS:
            times = [
                (
                    _seconds(lambda text=question: _asked(client, text.format(table=TABLE))),
                    _seconds(lambda text=question: engine.sql(text.format(table=f"'{file}'")).fetchall()),
                )
                for _ in range(rounds)
            ]
            ours.append(median(one for one, _ in times))
            anchor.append(median(one for _, one in times))
    above = [1000 * (one - other) for one, other in zip(ours, anchor, strict=True)]
    details = {
        "rows": ROWS,
        "rounds": rounds,
        "ours_ms": "/".join(f"{1000 * one:.0f}" for one in ours),
        "anchor_ms": "/".join(f"{1000 * one:.0f}" for one in anchor),
    }
    return [Result("athena", round(median(above)), details)]


def _table(s3: Any, athena: Any, file: Path) -> None:
    """The file as an external table."""
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.upload_file(str(file), BUCKET, f"{TABLE}/{file.name}")
    _asked(athena, f"CREATE DATABASE {DATABASE}", database=False)
    columns = ", ".join(f"{name} {type_}" for name, (type_, _) in COLUMNS.items())
    _asked(athena, f"CREATE EXTERNAL TABLE {TABLE} ({columns}) STORED AS PARQUET LOCATION 's3://{BUCKET}/{TABLE}/'")


def _asked(client: Any, text: str, database: bool = True) -> None:
    context = {"QueryExecutionContext": {"Database": DATABASE}} if database else {}
    output = {"OutputLocation": f"s3://{BUCKET}/results/"}
    number = client.start_query_execution(QueryString=text, ResultConfiguration=output, **context)["QueryExecutionId"]
    while (status := client.get_query_execution(QueryExecutionId=number)["QueryExecution"]["Status"])["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(PAUSE)
    if status["State"] != "SUCCEEDED":
        raise AssertionError(f"{text}: {status.get('StateChangeReason', status['State'])}")


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
