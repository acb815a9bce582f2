"""The Spark session of one run, sized by what the run reads."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from pyspark.sql import DataFrame, SparkSession

from lake.core.errors import SpecError
from lake.heavy.deequ import check_jars
from lake.heavy.iceberg import CATALOG

PARTITION_BYTES = 64 * 1024 * 1024
UNPACKED = 4
"""Rows in memory take about this many times their bytes in Parquet."""
MOST_PARTITIONS = 2000

EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
KIND = (f"spark.sql.catalog.{CATALOG}.catalog-impl", f"spark.sql.catalog.{CATALOG}.type")


class MissingSetting(SpecError):
    """The job was started without a setting that it relies on, and that Spark would not miss by name."""

    def __init__(self, setting: str, without: str) -> None:
        super().__init__(f"The job's --conf does not set {setting}. Without it {without}. Deploy the job again.")


def session() -> SparkSession:
    """The session that the job's own arguments configured, fit for a run. Raises MissingSetting, MissingJar."""
    spark = SparkSession.builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    check_settings(lambda name: spark.conf.get(name, None) or "")
    check_jars(spark._jvm)
    return spark


def check_settings(value_of: Callable[[str], str]) -> None:
    """Refuse a session in which a run would go wrong without a word.

    Iceberg promises MERGE INTO with its extensions only:
    https://iceberg.apache.org/docs/1.10.0/spark-configuration/#sql-extensions
    """
    if EXTENSIONS not in value_of("spark.sql.extensions"):
        raise MissingSetting(f"spark.sql.extensions={EXTENSIONS}", "MERGE INTO takes a way that is not Iceberg's")
    if not any(map(value_of, KIND)):
        raise MissingSetting(KIND[0], "Iceberg looks for the tables in a Hive")
    if value_of("spark.sql.session.timeZone") != "UTC":
        raise MissingSetting("spark.sql.session.timeZone=UTC", "instants move by the zone of the machine")


def size_shuffles(spark: SparkSession, stored_bytes: int) -> None:
    """Give every core a partition, and no partition more than it holds; adaptive execution joins small ones."""
    wanted = ceil(stored_bytes * UNPACKED / PARTITION_BYTES)
    partitions = min(max(wanted, spark.sparkContext.defaultParallelism), MOST_PARTITIONS)
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions))


def stored_bytes(frame: DataFrame) -> int:
    """What the planner knows of the files behind a frame that reads files alone; nothing is read for it."""
    return int(str(frame._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()))
