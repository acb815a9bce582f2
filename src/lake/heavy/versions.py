"""Mode history: every version of a key, and from when until when it was true (slowly changing dimension, type 2).

The history of a key is a function of its rows, so whoever comes late changes it as if he had come in time: the keys
that a run touches are made anew, from all of their rows that stage still holds and those that only the table does.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as fn

from lake.core.dataset import Dataset
from lake.heavy.change import DEAD, KNOWN, NEW, cell, enter, is_deletion, same
from lake.heavy.iceberg import IcebergTable
from lake.heavy.rank import order_columns
from lake.heavy.shape import quoted
from lake.heavy.split import Split
from lake.heavy.staged import not_of_keys, of_keys
from lake.heavy.write import Written

ROW = ("_src_key", "_src_seq", "_src_row")
"""What names a row wherever it lies."""


def keep_versions(
    table: IcebergTable, branch: str, dataset: Dataset, new: Split, history: Split | None, removed: Sequence[str]
) -> Written:
    """Give the keys that this run touches the history that follows from all of their rows."""
    known = table.frame(branch)
    staged = table.aligned(new.good).withColumn(NEW, fn.lit(True))
    if history is not None:
        staged = staged.unionByName(table.aligned(history.good).withColumn(NEW, fn.lit(False)))
    if not (removed and dataset.table.delete_when):
        keys = _touched(known, dataset, new, removed)
        staged, known = _of(keys, staged, dataset), _of(keys, known, dataset)
    forgotten = _forgotten(known, staged, removed)
    rows = staged.unionByName(forgotten.withColumn(NEW, fn.lit(False))).withColumn(DEAD, is_deletion(dataset))
    if dataset.table.delete_when:
        rows = rows.unionByName(_forgotten_ends(table, dataset, known, forgotten))
    identity = (*dataset.table.keys, dataset.table.validity[0])
    return enter(table, branch, identity, _differences(known, versions(rows, dataset), identity))


def versions(rows: DataFrame, dataset: Dataset) -> DataFrame:
    """The versions that rows make of their keys, each with its time.

    Of rows of one instant the last in order counts. A row that says what the one before it said is no new version.
    A deletion ends the version before it and is none itself.
    """
    table = dataset.table
    valid_from, valid_to, is_current = table.validity
    keys, event = [fn.col(quoted(key)) for key in table.keys], fn.col(quoted(table.event_time))
    instant = Window.partitionBy(*keys, event).orderBy(
        *(fn.col(quoted(name)).desc_nulls_last() for name in order_columns(dataset))
    )
    line = Window.partitionBy(*keys).orderBy(event.asc_nulls_first())
    says = fn.struct(DEAD, *(fn.col(quoted(name)) for name in said_by(dataset)))
    last = rows.withColumn("_rank", fn.row_number().over(instant)).where("_rank = 1").drop("_rank")
    told = last.withColumn("_says", says).withColumn("_said", fn.lag("_says").over(line))
    changed = told.where(~fn.col("_said").eqNullSafe(fn.col("_says"))).drop("_says", "_said")
    timed = changed.withColumns(
        {
            valid_from: event,
            valid_to: fn.lead(event).over(line),
            is_current: fn.lead(fn.lit(True)).over(line).isNull(),
        }
    )
    return timed.where(~fn.col(DEAD))


def said_by(dataset: Dataset) -> tuple[str, ...]:
    """The columns that make a version another one: all but its keys and what orders its rows."""
    table = dataset.table
    return tuple(one.name for one in table.columns if one.name not in {*table.keys, *table.order_by})


def _touched(known: DataFrame, dataset: Dataset, new: Split, removed: Sequence[str]) -> DataFrame:
    """The keys with rows that come or go. A row that made no version changes nothing when it goes."""
    names = [quoted(key) for key in dataset.table.keys]
    return new.good.select(*names).union(of_keys(known, removed).select(*names)).distinct()


def _of(keys: DataFrame, rows: DataFrame, dataset: Dataset) -> DataFrame:
    return rows.alias("s").join(keys.alias("t"), same("s", "t", dataset.table.keys), "left_semi").select("s.*")


def _forgotten(known: DataFrame, staged: DataFrame, removed: Sequence[str]) -> DataFrame:
    """Rows of the table that stage does not hold any more, and whose objects still count."""
    there = staged.select(*ROW).distinct()
    return not_of_keys(known, removed).join(there, list(ROW), "left_anti").select(*known.columns)


def _forgotten_ends(table: IcebergTable, dataset: Dataset, known: DataFrame, forgotten: DataFrame) -> DataFrame:
    """Deletions that only the ends of such rows tell of: ends at which nothing of the key begins."""
    valid_from, valid_to, _ = dataset.table.validity
    keys = dataset.table.keys
    ended = forgotten.where(fn.col(quoted(valid_to)).isNotNull()).alias("s")
    begins = known.select(*map(quoted, keys), fn.col(quoted(valid_from)).alias(valid_to)).alias("t")
    ends = ended.join(begins, same("s", "t", (*keys, valid_to)), "left_anti")
    marks = ends.select(*map(quoted, keys), fn.col(quoted(valid_to)).alias(dataset.table.event_time))
    return table.aligned(marks).select("*", fn.lit(False).alias(NEW), fn.lit(True).alias(DEAD))


def _differences(known: DataFrame, wanted: DataFrame, identity: Sequence[str]) -> DataFrame:
    """What turns the known rows into the wanted ones, as marked changes."""
    names = known.columns
    there = known.withColumn(KNOWN, fn.lit(True))
    joined = wanted.alias("s").join(there.alias("t"), same("s", "t", identity), "full_outer")
    goes, stays = fn.col(f"s.{NEW}").isNull(), fn.col(f"t.{KNOWN}").isNotNull()
    cells = [fn.when(goes, cell("t", name)).otherwise(cell("s", name)).alias(name) for name in names]
    differs = ~fn.struct(*(cell("s", name) for name in names)).eqNullSafe(
        fn.struct(*(cell("t", name) for name in names))
    )
    marks = [fn.coalesce(f"s.{NEW}", fn.lit(False)).alias(NEW), goes.alias(DEAD), stays.alias(KNOWN)]
    return joined.where(differs).select(*cells, *marks)
