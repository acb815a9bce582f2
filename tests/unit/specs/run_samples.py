"""Run in Spark's environment: heavy transforms over small tables, given and returned as text.

Reads a list of {"sql", "python", "columns", "tables": {name: {"columns", "rows"}}} from stdin; a table is `staged` or
`<team>.<dataset>`. Writes one list of rows for each, every cell as text or null.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pyspark.sql import DataFrame, SparkSession  # type: ignore[import-not-found]
from pyspark.sql import functions as fn  # type: ignore[import-not-found]


def main() -> None:
    builder = SparkSession.builder.master("local[1]")
    for name, value in {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    sys.stdout.write(json.dumps([_run(spark, case) for case in json.load(sys.stdin)]))
    spark.stop()


def _run(spark: SparkSession, case: dict[str, Any]) -> list[list[str | None]]:
    tables = {name: _table(spark, **table) for name, table in case["tables"].items()}
    if case["python"]:
        module: dict[str, Any] = {}
        exec(compile(case["python"], "heavy.py", "exec"), module)
        given = module["transform"](spark, tables)
    elif case["sql"]:
        for name, table in tables.items():
            table.createOrReplaceTempView(name.replace(".", "__"))
        given = spark.sql(case["sql"])
    else:
        (given,) = tables.values()
    kinds = dict(given.dtypes)
    for name, kind in case["columns"].items():
        assert kinds[name] == _spark_type(kind), f"{name} is {kinds[name]}, declared {kind}"
    return [list(row) for row in given.select(*(fn.col(name).cast("string") for name in case["columns"])).collect()]


def _table(spark: SparkSession, columns: dict[str, str], rows: list[list[str | None]]) -> DataFrame:
    text = spark.createDataFrame([tuple(row) for row in rows], ", ".join(f"`{name}` string" for name in columns))
    return text.select(*(fn.col(name).cast(_spark_type(kind)).alias(name) for name, kind in columns.items()))


def _spark_type(kind: str) -> str:
    return "timestamp_ntz" if kind == "timestamp" else kind


main()
