"""The quarantine table: what a run set aside, made visible once the run is published."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from lake.core.contract import PROVENANCE, QUARANTINE
from lake.core.quality import Rule
from lake.core.run import Plan
from lake.heavy.iceberg import RUN_PROPERTY, IcebergTable
from lake.heavy.shape import schema_of
from lake.heavy.split import Split, as_json, reasons
from lake.heavy.staged import of_keys, rows_in_files
from lake.heavy.write import delete_keys, is_empty

STAGED_QUARANTINE = tuple(column for column in QUARANTINE if column.name != "run_id")
ROW = ("_src_key", "_src_seq", "_src_row", "zone")
"""What names a row in quarantine: it lies there once, whichever run came upon it."""


def quarantine(table: IcebergTable, plan: Plan, parts: Sequence[Split], rules: Sequence[Rule]) -> int:
    """Show this run's rejected and set-aside rows; the number of rows that the run added.

    Doing it again replaces the run's own partition by the same rows. Rows of removed keys leave: they belong to
    versions that no longer count.
    """
    _remove(table, plan)
    found = _found(table, plan, parts, rules)
    if found is None:
        return 0
    found.writeTo(table.name).option(f"snapshot-property.{RUN_PROPERTY}", plan.run).overwritePartitions()
    facts = table.facts()
    return int(facts.get("added-records", "0")) if facts.get(RUN_PROPERTY) == plan.run else 0


def _remove(table: IcebergTable, plan: Plan) -> None:
    if not plan.removed or is_empty(table):
        return
    older = of_keys(table.frame(), plan.removed).where(fn.col("run_id") != plan.run)
    if not older.isEmpty():
        delete_keys(table.spark, table.name, plan.removed, f"run_id <> '{plan.run}'")


def _found(table: IcebergTable, plan: Plan, parts: Sequence[Split], rules: Sequence[Rule]) -> DataFrame | None:
    frames = [aside_rows(part, rules) for part in parts if part.rows_aside]
    if plan.rejected:
        frames.append(rows_in_files(table.spark, plan.rejected, plan.left_out, STAGED_QUARANTINE))
    if not frames:
        return None
    found = frames[0]
    for frame in frames[1:]:
        found = found.unionByName(frame)
    if not is_empty(table):
        found = _not_there(table, found, plan.run)
    return table.aligned(found.withColumn("run_id", fn.lit(plan.run)))


def _not_there(table: IcebergTable, found: DataFrame, run: str) -> DataFrame:
    there = table.frame().where((fn.col("run_id") != run) & fn.col("_src_row").isNotNull()).select(*ROW).distinct()
    return found.join(there, list(ROW), "left_anti").select(*found.columns)


def aside_rows(part: Split, rules: Sequence[Rule]) -> DataFrame:
    """Rows that analytics rules set aside, in the quarantine's columns but `run_id`."""
    rows = part.aside
    ids, texts = reasons(rules)
    said = {"zone": fn.lit("analytics"), "rule": ids, "reason": texts, "row": as_json(rows)}
    carried = {column.name for column in PROVENANCE} & set(rows.columns)
    return rows.select(
        *(
            (fn.col(field.name) if field.name in carried else said.get(field.name, fn.lit(None)))
            .cast(field.dataType)
            .alias(field.name)
            for field in schema_of(STAGED_QUARANTINE).fields
        )
    )
