"""Merge on the branch of a run: the winning row of each key takes its place."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from lake.core.dataset import Dataset
from lake.heavy.change import DEAD, KNOWN, NEW, cell, enter, is_deletion, same
from lake.heavy.iceberg import IcebergTable
from lake.heavy.rank import order_columns, order_of, winners
from lake.heavy.shape import quoted
from lake.heavy.split import Split
from lake.heavy.staged import of_keys
from lake.heavy.write import Written, is_empty, remove


def merge(
    table: IcebergTable, branch: str, dataset: Dataset, new: Split, history: Split | None, removed: Sequence[str]
) -> Written:
    """Let the winning row of each key into the table, where it wins over the table's own.

    Keys that lose their row with a removed object fall back to the best row left in `history`.
    """
    candidates = new.good.withColumn(NEW, fn.lit(True))
    if history is not None:
        fallback = _fallback(table, dataset, history, removed).withColumn(NEW, fn.lit(False))
        candidates = candidates.unionByName(fallback)
    # In the table's types, which may be wider than this version's: rows are compared by whole structs.
    best = winners(table.aligned(candidates, NEW), dataset).withColumn(DEAD, is_deletion(dataset))
    gone = remove(table, branch, removed)
    if is_empty(table, branch):
        return _fill(table, branch, best, gone, counted=history is None)
    entered = enter(table, branch, dataset.table.keys, _changes(table.frame(branch), dataset, best))
    return Written(entered.rows, changed=gone or entered.changed)


def _fallback(table: IcebergTable, dataset: Dataset, history: Split, removed: Sequence[str]) -> DataFrame:
    """Rows of history that may come back: those whose key loses its row.

    Under `delete_when` a removed row may have been what kept a key away, and the table no longer tells which keys;
    then all of history competes.
    """
    if dataset.table.delete_when:
        return history.good
    leaving = of_keys(table.frame(), removed).select(*map(quoted, dataset.table.keys)).distinct()
    back = history.good.alias("s").join(
        fn.broadcast(leaving).alias("t"), same("s", "t", dataset.table.keys), "left_semi"
    )
    return back.select(*history.good.columns)


def _fill(table: IcebergTable, branch: str, best: DataFrame, gone: bool, counted: bool) -> Written:
    """An empty table takes every winner that is no deletion; `counted`: all of them are this run's."""
    rows = best.where(~fn.col(DEAD))
    table.aligned(rows).writeTo(table.on(branch)).append()
    added = int(table.facts(branch).get("added-records", "0"))
    return Written(added if counted or not added else rows.where(NEW).count(), changed=gone or added > 0)


def _changes(current: DataFrame, dataset: Dataset, best: DataFrame) -> DataFrame:
    """Only winners that change the table: what they do not touch is not written again."""
    columns = dict.fromkeys((*dataset.table.keys, *order_columns(dataset)))
    target = current.select(*map(quoted, columns), fn.lit(True).alias(KNOWN)).alias("t")
    joined = best.alias("s").join(target, same("s", "t", dataset.table.keys), "left")
    known = fn.col(f"t.{KNOWN}").isNotNull()
    takes = fn.when(known, _beats(dataset)).otherwise(~fn.col(f"s.{DEAD}"))
    return joined.where(takes).select("s.*", known.alias(KNOWN))


def _beats(dataset: Dataset) -> Column:
    """Whether the new row `s` replaces the row `t` of the table.

    Rows from objects compare by their whole order. A derived row was computed just now from all its inputs: it
    replaces any that differs, unless `order_by` says that the table's is newer.
    """
    if not dataset.derived:
        return order_of(dataset, "s") > order_of(dataset, "t")
    differs = ~order_of(dataset, "s").eqNullSafe(order_of(dataset, "t"))
    by = dataset.table.order_by
    if not by:
        return differs
    return differs & (_struct("s", by) >= _struct("t", by))


def _struct(alias: str, names: Sequence[str]) -> Column:
    return fn.struct(*(cell(alias, name) for name in names))
