"""Append and replace on the branch of a run, and the removal of objects' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import SparkSession
from pyspark.sql import functions as fn

from lake.core.run import SourceVersion
from lake.heavy.iceberg import IcebergTable
from lake.heavy.split import Split
from lake.heavy.staged import of_keys, without


@dataclass(frozen=True, slots=True)
class Written:
    """What a run did to its branch: rows of this run that entered the table, and whether anything changed at all."""

    rows: int
    changed: bool


def replace(table: IcebergTable, branch: str, new: Split) -> Written:
    """The branch holds these rows and no others."""
    table.aligned(new.good).writeTo(table.on(branch)).overwrite(fn.lit(True))
    return Written(new.rows_given - new.rows_aside, changed=True)


def append(table: IcebergTable, branch: str, new: Split, removed: Sequence[str]) -> Written:
    """Add the rows of object versions that the table lacks, after the removed keys' rows have left it."""
    gone = remove(table, branch, removed)
    present = _present(table, branch, new)
    rows = sum(one.rows - one.aside for one in new.versions if (one.key, one.sequencer) not in present)
    if rows:
        good = without(new.good, [SourceVersion(*one) for one in sorted(present)]) if present else new.good
        table.aligned(good).writeTo(table.on(branch)).append()
    return Written(rows, changed=gone or rows > 0)


def remove(table: IcebergTable, branch: str, keys: Sequence[str]) -> bool:
    """Take the rows of these objects off the branch; True if there were any."""
    if not keys or is_empty(table, branch) or of_keys(table.frame(branch), keys).isEmpty():
        return False
    delete_keys(table.spark, table.on(branch), keys)
    return True


def delete_keys(spark: SparkSession, target: str, keys: Sequence[str], condition: str = "true") -> None:
    """Delete by a view: keys may hold any character, and a statement should not."""
    spark.createDataFrame([(key,) for key in keys], "key string").createOrReplaceTempView("lake_removed_keys")
    spark.sql(f"DELETE FROM {target} WHERE _src_key IN (SELECT key FROM lake_removed_keys) AND {condition}")  # noqa: S608


def is_empty(table: IcebergTable, branch: str = "main") -> bool:
    return int(table.facts(branch).get("total-records", "0")) == 0


def _present(table: IcebergTable, branch: str, new: Split) -> set[tuple[str, str]]:
    """Versions of this run that the branch already holds: a replay must not double them."""
    keys = sorted({one.key for one in new.versions if one.key})
    if not keys or is_empty(table, branch):
        return set()
    found = of_keys(table.frame(branch), keys).select("_src_key", "_src_seq").distinct().collect()
    wanted = {(one.key, one.sequencer) for one in new.versions}
    return wanted & {(row[0], row[1]) for row in found}
