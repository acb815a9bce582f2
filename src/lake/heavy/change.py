"""Changes to rows that a branch may already hold: counted, and written so that nothing else is written again."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from lake.core.dataset import Dataset
from lake.heavy.iceberg import IcebergTable
from lake.heavy.shape import quoted
from lake.heavy.write import Written

NEW, DEAD, KNOWN = "_new", "_dead", "_known"
"""Marks on changes: a row of this run, a deletion, a row that takes the place of one in the table."""
CHANGES = "lake_changes"


def is_deletion(dataset: Dataset) -> Column:
    """Whether a row says, by `delete_when`, that its key is gone."""
    condition = dataset.table.delete_when
    return fn.coalesce(fn.expr(condition), fn.lit(False)) if condition else fn.lit(False)


def same(left: str, right: str, names: Sequence[str]) -> Column:
    """Whether two aliased rows hold the same in these columns; null is as good a value as any."""
    found = fn.lit(True)
    for name in names:
        found = found & cell(left, name).eqNullSafe(cell(right, name))
    return found


def cell(alias: str, name: str) -> Column:
    return fn.col(f"{alias}.{quoted(name)}")


def enter(table: IcebergTable, branch: str, identity: Sequence[str], changes: DataFrame) -> Written:
    """Let marked rows into the branch. `identity` names the columns by which a row finds the one that it replaces."""
    changes = changes.persist()
    try:
        total, known, rows = _count(changes)
        if known:
            _merge(table, branch, identity, changes)
        elif total:
            table.aligned(changes).writeTo(table.on(branch)).append()
        return Written(rows, changed=total > 0)
    finally:
        changes.unpersist()


def _count(changes: DataFrame) -> tuple[int, int, int]:
    """How many changes there are, how many of them meet a row of the table, how many rows of this run stay."""
    row = changes.agg(fn.count(fn.lit(1)), fn.count_if(KNOWN), fn.count_if(fn.col(NEW) & ~fn.col(DEAD))).first()
    assert row is not None, "an aggregate without groups has one row"
    return row[0], row[1], row[2]


def _merge(table: IcebergTable, branch: str, identity: Sequence[str], changes: DataFrame) -> None:
    aligned = table.aligned(changes, DEAD)
    names = [quoted(name) for name in aligned.columns if name != DEAD]
    aligned.createOrReplaceTempView(CHANGES)
    on = " AND ".join(f"t.{quoted(name)} <=> s.{quoted(name)}" for name in identity)
    table.spark.sql(
        f"MERGE INTO {table.on(branch)} t USING {CHANGES} s ON {on} "  # noqa: S608
        f"WHEN MATCHED AND s.{DEAD} THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f't.{name} = s.{name}' for name in names)} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({', '.join(f's.{name}' for name in names)})"
    )
