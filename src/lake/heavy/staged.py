"""The rows that stage holds for a run: its files, without the versions that no longer count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

from lake.core.contract import Column
from lake.core.run import SourceVersion
from lake.core.type import stored_type
from lake.heavy.shape import quoted, schema_of

LITERAL_KEYS = 500
"""Up to so many keys are compared as literals, which Iceberg uses to skip files."""


def rows_in_files(
    spark: SparkSession, files: Sequence[str], left_out: Sequence[SourceVersion], columns: Sequence[Column]
) -> DataFrame:
    """Rows of Parquet files under the declared schema; a column that an older file lacks is null.

    The files hold each column in its `stored_type`.
    """
    schema = schema_of(columns)
    if not files:
        # Unlike a frame made from a list, the planner knows that this one is empty.
        return spark.range(0).select(*(fn.lit(None).cast(one.dataType).alias(one.name) for one in schema.fields))
    stored = schema_of(replace(column, type=stored_type(column.type)) for column in columns)
    rows = spark.read.schema(stored).parquet(*files)
    rows = rows.select(*(fn.col(quoted(one.name)).cast(one.dataType).alias(one.name) for one in schema.fields))
    return without(rows, left_out) if left_out else rows


def without(rows: DataFrame, versions: Sequence[SourceVersion]) -> DataFrame:
    """Rows that do not come from these object versions."""
    pairs = [(version.key, version.sequencer) for version in versions]
    unwanted = rows.sparkSession.createDataFrame(pairs, "_src_key string, _src_seq string")
    return rows.join(fn.broadcast(unwanted), ["_src_key", "_src_seq"], "left_anti").select(*rows.columns)


def of_keys(rows: DataFrame, keys: Sequence[str]) -> DataFrame:
    """Rows that come from objects with these keys, whatever the version."""
    if len(keys) <= LITERAL_KEYS:
        return rows.where(fn.col("_src_key").isin(list(keys)))
    wanted = rows.sparkSession.createDataFrame([(key,) for key in keys], "_src_key string")
    return rows.join(fn.broadcast(wanted), "_src_key", "left_semi").select(*rows.columns)


def not_of_keys(rows: DataFrame, keys: Sequence[str]) -> DataFrame:
    """The other rows."""
    if len(keys) <= LITERAL_KEYS:
        return rows.where(~fn.col("_src_key").isin(list(keys)))
    unwanted = rows.sparkSession.createDataFrame([(key,) for key in keys], "_src_key string")
    return rows.join(fn.broadcast(unwanted), "_src_key", "left_anti").select(*rows.columns)
