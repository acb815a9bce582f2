"""Warm the JVM: load the classes and compile the paths that a lake's job will take, on a few rows of our own.

Nothing here reaches the cloud or depends on a job; a step that is not possible with the job's jars is left out.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal.spark.pretence import Pretence
from lakelocal.spark.session import Sessions

BUCKET = "rehearsal"
CATALOG = "spark.sql.catalog.rehearsal"


@dataclass
class Rehearsal:
    """A session to rehearse in, and where its files are."""

    session: Any
    cloud: Pretence
    folder: Path
    number: int = 0


def rehearse(sessions: Sessions, folder: Path, enough: Callable[[], bool], rounds: int) -> list[str]:
    """Run every step that is possible, until it is `enough`, asked before each; the names of those that failed."""
    problems: list[str] = []
    with contextlib.closing(Pretence()) as cloud:
        rehearsal = Rehearsal(sessions.begin(), cloud, folder)
        rehearsal.session.conf.set("spark.sql.shuffle.partitions", "4")
        for rehearsal.number in range(rounds):
            for step in (_files, _quality, _iceberg, _python):
                if enough():
                    break
                began = time.monotonic()
                try:
                    step(rehearsal)
                except Exception as error:  # noqa: BLE001 - a cold step is slow, not wrong
                    traceback.print_exc()
                    problems.append(f"{step.__name__}: {type(error).__name__}")
                print(f"rehearsed {step.__name__} in {time.monotonic() - began:.2f} s", file=sys.stderr)  # noqa: T201
        sessions.end()
    return problems


def _rows(session: Any) -> Any:
    return session.range(0, 20_000, 1, 2).selectExpr(
        "id",
        "cast(id % 100 AS int) AS number",
        "concat('k', id) AS name",
        "timestamp'2013-01-01' + make_interval(0, 0, 0, cast(id % 300 AS int)) AS at",
        "date'2013-01-01' AS day",
        "CASE WHEN id % 7 = 0 THEN NULL ELSE id / 3.0D END AS measure",
    )


def _files(rehearsal: Rehearsal) -> None:
    """Parquet is written to disk and read from S3, by the file system that a job's `s3://` means."""
    session, written = rehearsal.session, rehearsal.folder / f"files-{rehearsal.number}"
    _rows(session).coalesce(1).write.mode("overwrite").parquet(str(written))
    for part in written.glob("*.parquet"):
        rehearsal.cloud.objects[f"/{BUCKET}/{written.name}/rows.parquet"] = part.read_bytes()
    session.conf.set(f"fs.s3a.bucket.{BUCKET}.endpoint", rehearsal.cloud.endpoint)
    session.read.parquet(f"s3://{BUCKET}/{written.name}/rows.parquet").createOrReplaceTempView("rehearsed")
    session.sql(
        "SELECT number, count(*), avg(measure), max(at), collect_list(name) FROM rehearsed"
        " GROUP BY number ORDER BY number"
    ).collect()
    newest = "row_number() OVER (PARTITION BY number ORDER BY at DESC, name)"
    session.sql(f"SELECT *, {newest} AS place FROM rehearsed").where("place = 1").persist().count()  # noqa: S608
    session.catalog.clearCache()


def _python(rehearsal: Rehearsal) -> None:
    from pyspark.sql import functions

    double = functions.udf(lambda value: value * 2, "bigint")
    rows = rehearsal.session.createDataFrame([(1, "a"), (2, "b")], "id long, name string")
    rows.select(double("id")).collect()


def _iceberg(rehearsal: Rehearsal) -> None:
    """A table through the Glue catalog: made, filled, branched, merged, published."""
    session = rehearsal.session
    if "IcebergSparkSessionExtensions" not in session.conf.get("spark.sql.extensions", ""):
        return
    for name, value in {
        CATALOG: "org.apache.iceberg.spark.SparkCatalog",
        f"{CATALOG}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
        f"{CATALOG}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        f"{CATALOG}.warehouse": f"s3://{BUCKET}/warehouse",
        f"{CATALOG}.glue.endpoint": rehearsal.cloud.endpoint,
        f"{CATALOG}.s3.endpoint": rehearsal.cloud.endpoint,
        f"{CATALOG}.s3.path-style-access": "true",
    }.items():
        session.conf.set(name, value)
    table = f"rehearsal.lake.t{rehearsal.number}"
    session.sql(
        f"CREATE TABLE {table} (id bigint, number int, name string, at timestamp, day date, measure double)"
        " USING iceberg PARTITIONED BY (months(at))"
    )
    _rows(session).writeTo(table).append()
    session.sql(f"ALTER TABLE {table} CREATE BRANCH trial")
    changes = _rows(session).where("id < 2000").withColumnRenamed("measure", "changed").localCheckpoint()
    changes.createOrReplaceTempView("changes")
    session.sql(
        f"MERGE INTO {table}.branch_trial AS target USING changes ON target.id = changes.id"  # noqa: S608
        " WHEN MATCHED AND changes.number = 5 THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET measure = changes.changed"
        " WHEN NOT MATCHED THEN INSERT (id, number, name, at, day, measure)"
        " VALUES (changes.id, changes.number, changes.name, changes.at, changes.day, changes.changed)"
    )
    session.sql(f"DELETE FROM {table}.branch_trial WHERE id < 100")  # noqa: S608
    session.read.option("branch", "trial").table(table).groupBy("number").count().collect()
    session.sql(f"CALL rehearsal.system.fast_forward('{table.removeprefix('rehearsal.')}', 'main', 'trial')")
    session.sql(f"ALTER TABLE {table} DROP BRANCH trial")
    session.table(f"{table}.snapshots").collect()


def _quality(rehearsal: Rehearsal) -> None:
    session = rehearsal.session
    if type(session._jvm.com.amazon.deequ.dqdl.EvaluateDataQuality).__name__ == "JavaPackage":
        return
    os.environ["SPARK_VERSION"] = "3.5"  # pydeequ asks for it when imported
    from pydeequ.dqdl import EvaluateDataQuality

    rules = 'Rules = [ RowCount > 0, IsUnique "id", IsComplete "name", Completeness "measure" > 0.5,'
    rules += ' Mean "measure" > 0, ColumnValues "number" between -1 and 101 ]'
    rows = _rows(session)
    EvaluateDataQuality.process(session, rows, rules).collect()
    marked = EvaluateDataQuality.processRows(session, rows, 'Rules = [ IsComplete "measure", ColumnLength "name" > 1 ]')
    marked[EvaluateDataQuality.ROW_LEVEL_OUTCOMES_KEY].where("size(DataQualityRulesFail) > 0").count()
