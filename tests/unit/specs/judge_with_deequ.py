"""Run in Spark's environment: what Deequ says of rules, and how many rows break their predicates in Spark SQL.

Reads {"jars", "columns", "rows", "rules": [{"dqdl", "predicate", "measure"}]} from stdin, writes verdicts to stdout.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

os.environ["SPARK_VERSION"] = "3.5"

from pydeequ.dqdl import EvaluateDataQuality  # type: ignore[import-not-found]
from pyspark.sql import SparkSession  # type: ignore[import-not-found]

READ = {"date": date.fromisoformat, "timestamp_ntz": datetime.fromisoformat, "decimal(10,2)": Decimal}


def main() -> None:
    asked = json.load(sys.stdin)
    settings = {
        "spark.driver.extraClassPath": asked["jars"],
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    kinds = dict(asked["columns"])
    rows = [tuple(_read(kinds[name], row[name]) for name in kinds) for row in asked["rows"]]
    table = spark.createDataFrame(rows, ", ".join(f"{name} {kind}" for name, kind in kinds.items()))
    table.createOrReplaceTempView("t")
    table.persist()
    answers = _heard(spark, table, [rule["dqdl"] for rule in asked["rules"] if rule["engine"] == "deequ"])
    found = [answers.get("".join(rule["dqdl"].split())) or {} for rule in asked["rules"]]
    counted = _counted(spark, asked["rules"])
    found = [answer | counts for answer, counts in zip(found, counted, strict=True)]
    spark.sparkContext._gateway.shutdown_callback_server()
    spark.stop()
    sys.stdout.write(json.dumps(found))


def _counted(spark: Any, rules: list[dict[str, str]]) -> list[dict[str, Any]]:
    """All predicates and measures in one pass."""
    texts = []
    for number, rule in enumerate(rules):
        good = rule["predicate"] or "true"
        texts += [f"count_if(NOT ({good})) AS b{number}", f"count_if(({good}) IS NULL) AS n{number}"]
        texts.append(f"{rule['spark_measure']} AS m{number}")
    row = spark.sql(f"SELECT {', '.join(texts)} FROM t").first()
    return [{"broken": row[f"b{at}"], "nulls": row[f"n{at}"], "measured": row[f"m{at}"]} for at in range(len(rules))]


def _heard(spark: Any, table: Any, rules: list[str]) -> dict[str, dict[str, Any]]:
    answers = EvaluateDataQuality.process(spark, table, f"Rules = [ {', '.join(rules)} ]").collect()
    return {
        "".join(row["Rule"].split()): {"outcome": row["Outcome"], "reason": row["FailureReason"]} for row in answers
    }


def _read(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "double":
        return float(value)
    return READ[kind](value) if kind in READ else value


main()
