"""The heavy transform: SQL or Python that the dataset's owner wrote, and the columns that it must give."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

from lake.core.contract import PROVENANCE
from lake.core.dataset import Dataset
from lake.core.errors import SpecError
from lake.core.run import Input
from lake.heavy.iceberg import qualified
from lake.heavy.shape import shaped

Inputs = Mapping[str, DataFrame]
"""`staged`, or the input datasets by `<team>.<dataset>`."""


def pinned(spark: SparkSession, inputs: Mapping[str, Input]) -> dict[str, DataFrame]:
    """The input tables of a derived dataset, each at the snapshot that the plan chose."""
    return {
        name: spark.read.option("snapshot-id", str(one.snapshot)).table(qualified(one.table))
        for name, one in inputs.items()
    }


def transformed(spark: SparkSession, dataset: Dataset, inputs: Inputs) -> DataFrame:
    """The rows to publish: the table's columns, and provenance where the table carries it.

    A `replace` may aggregate, so there provenance is optional and null when the transform drops it.
    """
    table = dataset.table
    if table.python:
        rows = _by_python(spark, dataset, inputs)
    elif table.sql:
        rows = _by_sql(spark, table.sql, inputs)
    else:
        (rows,) = inputs.values()
    origin = origin_of(dataset)
    if dataset.derived:
        return shaped(rows, table.columns, origin)
    if table.mode == "replace":
        rows = _with_missing_provenance(rows)
    return shaped(rows, (*table.columns, *PROVENANCE), origin)


def origin_of(dataset: Dataset) -> str:
    """The file that made the rows, for errors."""
    if not dataset.table.python and not dataset.table.sql:
        return f"stage ({dataset.path})"
    return f"datasets/{dataset.path}/heavy.{'py' if dataset.table.python else 'sql'}"


def _by_sql(spark: SparkSession, sql: str, inputs: Inputs) -> DataFrame:
    for name, frame in inputs.items():
        frame.createOrReplaceTempView(name.replace(".", "__"))
    return spark.sql(sql)


def _by_python(spark: SparkSession, dataset: Dataset, inputs: Inputs) -> DataFrame:
    origin = origin_of(dataset)
    rows = _function(dataset.table.python, origin)(spark, dict(inputs))
    if not isinstance(rows, DataFrame):
        raise SpecError(f"{origin}: transform returned {type(rows).__name__}; return a Spark DataFrame.")
    return rows


def _function(source: str, origin: str) -> Callable[[SparkSession, dict[str, DataFrame]], Any]:
    """`transform` of the user's module. The source goes to linecache so that tracebacks show its lines."""
    linecache.cache[origin] = (len(source), None, source.splitlines(keepends=True), origin)
    module: dict[str, Any] = {"__name__": "heavy_transform", "__file__": origin}
    exec(compile(source, origin, "exec"), module)  # noqa: S102 - the team's own code, versioned by its digest
    function = module.get("transform")
    if not callable(function):
        raise SpecError(f"{origin} defines no function transform(spark, inputs).")
    return function  # type: ignore[no-any-return]


def _with_missing_provenance(rows: DataFrame) -> DataFrame:
    absent = [column for column in PROVENANCE if column.name not in rows.columns]
    return rows.select("*", *(fn.lit(None).alias(column.name) for column in absent))
