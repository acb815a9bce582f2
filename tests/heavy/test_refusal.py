"""What the engine refuses, and how the message reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import PRICES, SmallLake, dataset_of
from lake.core.errors import SpecError

NOON = "2025-05-01 12:00:00"
KEEP = "_src_key, _src_seq, _src_row, _batch_id, _ingested_at"
CASES = {
    "lacks": (f"SELECT shop, seen, {KEEP} FROM staged", "heavy.sql lacks price"),
    "extra": ("SELECT *, 1 AS more FROM staged", "has undeclared more"),
    "twice": ("SELECT *, shop FROM staged", "names shop more than once"),
    "provenance": ("SELECT shop, price, seen FROM staged", "lacks _src_key.* Keep the provenance columns"),
    "narrows": (
        f"SELECT shop, price * 1L AS price, seen, {KEEP} FROM staged",
        "'price' as bigint, the table declares int",
    ),
    "text": (f"SELECT shop, string(price) AS price, seen, {KEEP} FROM staged", "'price' as string"),
}


MORE = """
from pyspark.sql.functions import udf

def more(price):
    return price + 1

def transform(spark, inputs):
    return inputs["staged"].withColumn("price", udf(more, "int")("price"))
"""


@pytest.mark.parametrize("case", CASES)
def test_a_transform_must_give_exactly_the_declared_columns(spark: Any, tmp_path: Path, case: str) -> None:
    sql, message = CASES[case]
    lake = SmallLake(spark, tmp_path, dataset_of(f"refused_{case}", {"mode": "append", "columns": PRICES, "sql": sql}))
    lake.create_tables()
    with pytest.raises(SpecError, match=message):
        lake.run(1, lake.stage("a", "01", [("x", 1, NOON)]))
    assert lake.snapshots() == 0


def test_a_cast_that_keeps_every_value_is_made(spark: Any, tmp_path: Path) -> None:
    columns = (
        PRICES[0],
        {"name": "price", "type": "decimal(12,2)"},
        {"name": "seen", "type": "timestamp"},
        {"name": "ratio", "type": "double"},
    )
    sql = f"SELECT cast(seen AS timestamp) AS seen, price, shop, float(0.5) AS ratio, {KEEP} FROM staged"
    lake = SmallLake(spark, tmp_path, dataset_of("widened", {"mode": "append", "columns": columns, "sql": sql}))
    lake.create_tables().run(1, lake.stage("a", "01", [("x", 1, NOON)]))
    assert lake.rows("cast(price AS string), cast(seen AS string), ratio") == [("1.00", NOON, 0.5)]


@pytest.mark.parametrize(
    ("python", "message"),
    [("x = 1", "defines no function transform"), ("def transform(spark, inputs):\n    return 3", "returned int")],
)
def test_python_that_is_no_transform_is_refused(spark: Any, tmp_path: Path, python: str, message: str) -> None:
    name = f"python_{len(python)}"
    lake = SmallLake(spark, tmp_path, dataset_of(name, {"mode": "append", "python": python})).create_tables()
    with pytest.raises(SpecError, match=f"datasets/shops/{name}/heavy.py.*{message}"):
        lake.run(1, lake.stage("a", "01", [("x", 1, NOON)]))


def test_python_keeps_provenance_and_its_own_functions(spark: Any, tmp_path: Path) -> None:
    lake = SmallLake(spark, tmp_path, dataset_of("python_keeps", {"mode": "append", "python": MORE}))
    lake.create_tables().run(1, lake.stage("a", "01", [("x", 1, NOON)]))
    assert lake.rows("price, _src_key") == [(2, "a")]


def test_a_table_that_is_gone_or_changed_is_a_schema_conflict(spark: Any, tmp_path: Path) -> None:
    lake = SmallLake(spark, tmp_path, dataset_of("conflict", {"mode": "append"}))
    file = lake.stage("a", "01", [("x", 1, NOON)])
    with pytest.raises(SpecError, match=r"SCHEMA_CONFLICT: table glue_catalog.lake_shops.conflict does not exist"):
        lake.run(1, file)
    lake.create_tables()
    spark.sql(f"ALTER TABLE {lake.name} RENAME COLUMN price TO cost")
    with pytest.raises(SpecError, match=r"SCHEMA_CONFLICT: .*has no column 'price'"):
        lake.run(1, file)


def test_a_location_property_of_older_tables_does_not_stop_the_write(spark: Any, tmp_path: Path) -> None:
    lake = SmallLake(spark, tmp_path, dataset_of("obsolete", {"mode": "append"})).create_tables()
    spark.sql(f"ALTER TABLE {lake.name} SET TBLPROPERTIES ('write.object-storage.path' = 'file:/nowhere')")
    assert lake.run(1, lake.stage("a", "01", [("x", 1, NOON)])).rows_published == 1


def test_a_denial_deep_among_the_causes_is_named_with_its_action(spark: Any) -> None:
    from lake.heavy.failure import explained

    jvm = spark._jvm
    denied = jvm.java.lang.RuntimeException("User: x is not authorized to perform: glue:UpdateTable on r")
    wrapped = jvm.java.lang.IllegalStateException("Cannot commit", jvm.java.lang.RuntimeException("retry", denied))

    class FromJava(Exception):
        java_exception = wrapped

    message = explained(FromJava("Cannot commit"))
    assert message.startswith("AccessDenied on glue:UpdateTable: RuntimeException: User: x")
    assert explained(ValueError("plain")) == "ValueError: plain"
