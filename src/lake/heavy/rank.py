"""Which row of a merged key wins, whatever the order in which rows arrived."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as fn

from lake.core.dataset import Dataset
from lake.heavy.shape import quoted

TIEBREAK = ("_ingested_at", "_src_key", "_src_seq", "_src_row")
"""The latest put, then object and row: no two rows share all of these."""


def order_columns(dataset: Dataset) -> tuple[str, ...]:
    """What is compared, most important first. Derived rows have no provenance, so all their cells decide."""
    table = dataset.table
    ties = tuple(column.name for column in table.columns) if dataset.derived else TIEBREAK
    return tuple(dict.fromkeys((*table.order_by, *ties)))


def order_of(dataset: Dataset, alias: str = "") -> Column:
    """One comparable value per row: structs compare field by field, and null is the least."""
    prefix = f"{alias}." if alias else ""
    return fn.struct(*(fn.col(f"{prefix}{quoted(name)}") for name in order_columns(dataset)))


def winners(rows: DataFrame, dataset: Dataset) -> DataFrame:
    """The one row of each key that wins. To look for a key that is there twice is cheaper than to rank all rows."""
    keys = [fn.col(quoted(name)) for name in dataset.table.keys]
    if rows.groupBy(*keys).agg(fn.count(fn.lit(1)).alias("_rows")).where("_rows > 1").isEmpty():
        return rows
    order = [fn.col(quoted(name)).desc_nulls_last() for name in order_columns(dataset)]
    ranked = rows.withColumn("_rank", fn.row_number().over(Window.partitionBy(*keys).orderBy(*order)))
    return ranked.where("_rank = 1").drop("_rank")
