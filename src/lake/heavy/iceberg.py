"""An Iceberg table as a run meets it: its schema, its memory of runs, and a branch that nobody reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

from lake.core.contract import Column
from lake.core.errors import SpecError, TryAgain
from lake.heavy.shape import keeps_values, quoted, spark_type

CATALOG = "glue_catalog"
RUN_PROPERTY = "lake.run"
BRANCH_PREFIX = "run_"
OBSOLETE_PROPERTY = "write.object-storage.path"
"""Iceberg refuses every write to a table with this property, which older Athena tables carry."""


class SchemaConflict(SpecError):
    """The table in the catalog is not the one that the dataset declares. Jobs never change a schema."""

    def __init__(self, message: str) -> None:
        super().__init__(f"SCHEMA_CONFLICT: {message}")


class MainMoved(TryAgain):
    """Somebody else committed to the table during the run; the checks never saw the combined data."""


@dataclass(frozen=True, slots=True)
class IcebergTable:
    """A table of the catalog; `handle` is Iceberg's own `org.apache.iceberg.Table`."""

    spark: SparkSession
    name: str
    handle: Any

    def frame(self, branch: str = "") -> DataFrame:
        reader = self.spark.read
        return (reader.option("branch", branch) if branch else reader).table(self.name)

    def at(self, snapshot: int) -> DataFrame:
        return self.spark.read.option("snapshot-id", str(snapshot)).table(self.name)

    def on(self, branch: str) -> str:
        """The name under which a branch is written."""
        return f"{self.name}.branch_{branch}"

    def facts(self, branch: str = "main") -> dict[str, str]:
        """The summary of the newest snapshot of a branch; empty where there is none."""
        self.handle.refresh()
        snapshot = self.handle.snapshot(branch)
        return dict(snapshot.summary()) if snapshot is not None else {}

    def commit(self, change: Any) -> None:
        """Commit a change made through the handle."""
        change.commit()
        self.reload()

    def reload(self) -> None:
        """Spark caches tables by its own handles, which must not go stale after a commit through ours."""
        self.spark.sql(f"REFRESH TABLE {self.name}")

    def snapshot(self) -> int | None:
        """The snapshot that readers see now."""
        self.handle.refresh()
        current = self.handle.currentSnapshot()
        return None if current is None else int(current.snapshotId())

    def aligned(self, rows: DataFrame, *marks: str) -> DataFrame:
        """Rows in the table's own columns, then `marks`; a column that a newer dataset version added is null."""
        fields = self.frame().schema.fields
        cells = (fn.col(quoted(field.name)) if field.name in rows.columns else fn.lit(None) for field in fields)
        typed = (cell.cast(field.dataType).alias(field.name) for cell, field in zip(cells, fields, strict=True))
        return rows.select(*typed, *marks)


def qualified(table: str) -> str:
    """`<database>.<table>` as the catalog's full name."""
    return table if table.startswith(f"{CATALOG}.") else f"{CATALOG}.{table}"


def open_table(spark: SparkSession, database: str, name: str, columns: Sequence[Column]) -> IcebergTable:
    """The table, or SchemaConflict if it is not there or could not hold these columns."""
    full = qualified(f"{database}.{name}")
    try:
        spark.sql(f"REFRESH TABLE {full}")
        handle = spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, full)
    except (Py4JJavaError, PySparkException) as error:
        if any(sign in str(error) for sign in ("NoSuchTable", "TABLE_OR_VIEW_NOT_FOUND")):
            raise SchemaConflict(f"table {full} does not exist. Deploy the dataset again to register it.") from error
        raise
    table = IcebergTable(spark, full, handle)
    _check_columns(table, columns)
    if OBSOLETE_PROPERTY in handle.properties():
        table.commit(handle.updateProperties().remove(OBSOLETE_PROPERTY))
    return table


def published_snapshot(table: IcebergTable, run: str) -> int | None:
    """The snapshot by which main already holds this run. Runs are serial, so the search ends at an older one."""
    table.handle.refresh()
    snapshot = table.handle.currentSnapshot()
    while snapshot is not None:
        found = snapshot.summary().get(RUN_PROPERTY)
        if found == run:
            return int(snapshot.snapshotId())
        if found is not None and found < run:
            return None
        parent = snapshot.parentId()
        snapshot = None if parent is None else table.handle.snapshot(parent)
    return None


def facts_at(table: IcebergTable, snapshot: int) -> dict[str, str]:
    return dict(table.handle.snapshot(snapshot).summary())


def start_branch(table: IcebergTable, run: str) -> str:
    """A fresh branch from main for this run. Runs are serial: any other branch of a run was abandoned."""
    branch = f"{BRANCH_PREFIX}{run}"
    drop_branches(table)
    table.commit(table.handle.manageSnapshots().createBranch(branch))
    return branch


def drop_branches(table: IcebergTable) -> None:
    table.handle.refresh()
    abandoned = [name for name in table.handle.refs() if name.startswith(BRANCH_PREFIX)]
    if not abandoned:
        return
    change = table.handle.manageSnapshots()
    for name in abandoned:
        change.removeBranch(name)
    table.commit(change)


def publish(table: IcebergTable, branch: str, facts: Mapping[str, str]) -> int:
    """Make the branch what readers see, in one commit that also records `facts` and drops the branch.

    The facts lie on a snapshot of their own without data, because Spark's MERGE cannot carry any.
    """
    table.handle.refresh()
    change = table.handle.newTransaction()
    try:
        stamp = change.newFastAppend().toBranch(branch)
        for name, value in facts.items():
            stamp.set(name, value)
        stamp.commit()
        change.manageSnapshots().fastForwardBranch("main", branch).removeBranch(branch).commit()
        change.commitTransaction()
        table.reload()
    except (Py4JJavaError, PySparkException) as error:
        if any(sign in str(error) for sign in ("is not an ancestor", "CommitFailed", "refresh is required")):
            raise MainMoved(f"{table.name} changed while {branch} was made. Start the run again.") from error
        raise
    snapshot = table.snapshot()
    assert snapshot is not None, "a table that was just published has a snapshot"
    return snapshot


def _check_columns(table: IcebergTable, columns: Sequence[Column]) -> None:
    present = {field.name: field.dataType for field in table.frame().schema.fields}
    for column in columns:
        if column.name not in present:
            raise SchemaConflict(f"{table.name} has no column '{column.name}'. Deploy the dataset again to add it.")
        if not keeps_values(spark_type(column.type), present[column.name]):
            raise SchemaConflict(
                f"{table.name} holds '{column.name}' as {present[column.name].simpleString()}, "
                f"the dataset declares {column.type}. Restore the declared type, or the table."
            )
