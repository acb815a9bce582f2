"""Run in Spark's environment: the heavy transforms of datasets over the few rows of their samples.

Its argument is the clone. Reads a list of
{"dataset": compiled, "staged": [file], "inputs": {name: {"columns", "rows"}}} from standard input; writes a list of
{"rows", "error"} as the last line, every cell as text or null.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

from lake.core.contract import PROVENANCE, Column
from lake.core.dataset import Dataset, dataset_from_json
from lake.heavy.rank import winners
from lake.heavy.shape import quoted, spark_type
from lake.heavy.staged import rows_in_files
from lake.heavy.transform import transformed
from lakelocal.spark.alone import started

LONGEST = 1500


def main() -> None:
    spark = started(Path(sys.argv[1]), 1, {"spark.sql.shuffle.partitions": "1"})
    sys.stdout.write(json.dumps([_answer(spark, case) for case in json.load(sys.stdin)]))
    spark.stop()


def _answer(spark: SparkSession, case: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"rows": _published(spark, case), "error": ""}
    except Exception as error:  # noqa: BLE001 - the team's own code may raise anything, and the others go on
        return {"rows": [], "error": f"{type(error).__name__}: {error}"[:LONGEST]}


def _published(spark: SparkSession, case: dict[str, Any]) -> list[list[str | None]]:
    """What the dataset would publish into an empty table."""
    dataset = dataset_from_json(case["dataset"])
    rows = _kept(transformed(spark, dataset, _inputs(spark, dataset, case)), dataset)
    names = [quoted(column.name) for column in dataset.table.columns]
    return [list(row) for row in rows.select(*(fn.col(name).cast("string") for name in names)).collect()]


def _inputs(spark: SparkSession, dataset: Dataset, case: dict[str, Any]) -> dict[str, DataFrame]:
    if not dataset.derived:
        return {"staged": rows_in_files(spark, case["staged"], (), (*dataset.staged, *PROVENANCE))}
    return {
        name: _table(spark, [Column(*column) for column in table["columns"]], table["rows"])
        for name, table in case["inputs"].items()
    }


def _table(spark: SparkSession, columns: list[Column], rows: list[list[str | None]]) -> DataFrame:
    """Rows that were given as text, with the table's types."""
    text = spark.createDataFrame(
        [tuple(row) for row in rows], ", ".join(f"{quoted(one.name)} string" for one in columns)
    )
    return text.select(*(fn.col(quoted(one.name)).cast(spark_type(one.type)).alias(one.name) for one in columns))


def _kept(rows: DataFrame, dataset: Dataset) -> DataFrame:
    """Of a merged key the winner alone, unless it says that the key is deleted."""
    if dataset.table.mode != "merge":
        return rows
    best = winners(rows, dataset)
    condition = dataset.table.delete_when
    return best.where(~fn.coalesce(fn.expr(condition), fn.lit(False))) if condition else best


if __name__ == "__main__":
    main()
