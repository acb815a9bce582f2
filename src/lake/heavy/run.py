"""One run of one dataset: read, transform, check on a branch, publish or set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter

from pyspark.sql import DataFrame, SparkSession

from lake.core.contract import PROVENANCE, QUARANTINE
from lake.core.dataset import Dataset
from lake.core.ddl import columns_of
from lake.core.quality import Rule, RuleOutcome
from lake.core.run import Plan, Result, Status
from lake.heavy import iceberg, verdict
from lake.heavy.iceberg import RUN_PROPERTY, IcebergTable
from lake.heavy.layout import lay_out
from lake.heavy.merge import merge
from lake.heavy.quarantine import quarantine
from lake.heavy.session import size_shuffles, stored_bytes
from lake.heavy.split import Split, row_rules, split
from lake.heavy.staged import rows_in_files
from lake.heavy.transform import pinned, transformed
from lake.heavy.versions import keep_versions
from lake.heavy.write import Written, append, replace

ROWS_PROPERTY = "lake.rows-published"


@dataclass(slots=True)
class Stopwatch:
    """Seconds by step, for the run's record."""

    seconds: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=perf_counter)

    def lap(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = round(self.seconds.get(step, 0.0) + now - self.last, 3)
        self.last = now


@dataclass(frozen=True, slots=True)
class Work:
    """What a run works on: its tables, its rules of today, and its rows, counted."""

    plan: Plan
    table: IcebergTable
    aside: IcebergTable
    rules: tuple[Rule, ...]
    rows_in: int
    new: Split
    history: Split | None

    @property
    def parts(self) -> list[Split]:
        return [self.new] if self.history is None else [self.new, self.history]

    @property
    def is_idle(self) -> bool:
        """Nothing enters or leaves the table: all that the run may have is rows for quarantine."""
        mode, entering = self.plan.dataset.table.mode, self.new.rows_given - self.new.rows_aside
        return mode != "replace" and not entering and not self.plan.removed


def run(spark: SparkSession, plan: Plan, today: date) -> Result:
    """Do what the plan says, once: a run that was already published only completes what a crash cut off.

    `today` decides which rules are waived. Raises SchemaConflict, SpecError, MainMoved (start the run again), or
    whatever Spark raises; nothing is visible then.
    """
    watch = Stopwatch()
    if plan.empty:
        return Result(plan.run, "nothing", message="no object brought rows")
    work = prepare(spark, plan, today, watch)
    try:
        return _carry_out(work, today, watch)
    finally:
        for part in work.parts:
            part.rows.unpersist()


def prepare(spark: SparkSession, plan: Plan, today: date, watch: Stopwatch) -> Work:
    """Open the tables, transform the rows and split them by the row rules."""
    dataset = plan.dataset
    columns = columns_of(dataset)
    table = iceberg.open_table(spark, dataset.table.database, dataset.table.name, columns)
    aside = iceberg.open_table(spark, dataset.table.database, dataset.table.quarantine, QUARANTINE)
    watch.lap("open")
    inputs = _inputs(spark, plan)
    size_shuffles(spark, _bytes(inputs.values(), table))
    rules = tuple(row_rules(dataset.rules, today))
    new = split(transformed(spark, dataset, inputs), rules, is_costly(dataset))
    history = _history(spark, plan, rules)
    rows_in = new.rows_given if dataset.derived or not _transforms(dataset) else _staged(spark, plan).count()
    watch.lap("transform")
    return Work(plan, table, aside, rules, rows_in, new, history)


def write(work: Work, branch: str) -> Written:
    """Put the rows on the branch, as the table's mode asks."""
    plan, table = work.plan, work.plan.dataset.table
    if table.mode == "replace":
        return replace(work.table, branch, work.new)
    if table.mode == "merge":
        return merge(work.table, branch, plan.dataset, work.new, work.history, plan.removed)
    if table.mode == "history":
        return keep_versions(work.table, branch, plan.dataset, work.new, work.history, plan.removed)
    return append(work.table, branch, work.new, plan.removed)


def _carry_out(work: Work, today: date, watch: Stopwatch) -> Result:
    rules = work.plan.dataset.rules
    snapshot = iceberg.published_snapshot(work.table, work.plan.run)
    if snapshot is not None:
        return _complete(work, snapshot, today, watch)
    if verdict.halting(work.parts, work.rules):
        outcomes = verdict.without_table(rules, work.parts, today)
        return _stopped(work, "halted", outcomes, watch)
    if work.is_idle:
        outcomes = verdict.without_table(rules, work.parts, today)
        return _published(work, work.table.snapshot(), 0, outcomes, watch)
    lay_out(work.table, work.plan.dataset.table)
    branch = iceberg.start_branch(work.table, work.plan.run)
    watch.lap("branch")
    written = write(work, branch)
    watch.lap("write")
    outcomes = _judge(work, work.table.frame(branch), work.table.facts(branch), today)
    watch.lap("check")
    status = verdict.status_of(outcomes, rules)
    if status != "published":
        iceberg.drop_branches(work.table)
        return _stopped(work, status, outcomes, watch)
    snapshot = publish_branch(work, branch, written)
    watch.lap("publish")
    return _published(work, snapshot, written.rows, outcomes, watch)


def publish_branch(work: Work, branch: str, written: Written) -> int | None:
    """A branch that changed nothing is dropped: a replay leaves no snapshot behind."""
    if not written.changed:
        iceberg.drop_branches(work.table)
        return work.table.snapshot()
    facts = {RUN_PROPERTY: work.plan.run, ROWS_PROPERTY: str(written.rows)}
    return iceberg.publish(work.table, branch, facts)


def _complete(work: Work, snapshot: int, today: date, watch: Stopwatch) -> Result:
    """Another attempt published this run and stopped before it said so."""
    facts = iceberg.facts_at(work.table, snapshot)
    iceberg.drop_branches(work.table)
    outcomes = _judge(work, work.table.at(snapshot), facts, today)
    watch.lap("check")
    return _published(work, snapshot, int(facts[ROWS_PROPERTY]), outcomes, watch)


def _judge(work: Work, frame: DataFrame, facts: Mapping[str, str], today: date) -> tuple[RuleOutcome, ...]:
    rows = int(facts.get("total-records", "0"))
    return verdict.verdicts(work.plan.dataset.rules, work.parts, frame, rows, today)


def _published(
    work: Work, snapshot: int | None, rows: int, outcomes: Sequence[RuleOutcome], watch: Stopwatch
) -> Result:
    quarantined = quarantine(work.aside, work.plan, work.parts, work.rules)
    watch.lap("quarantine")
    return Result(
        run=work.plan.run,
        status="published",
        rows_in=work.rows_in,
        rows_published=rows,
        rows_quarantined=quarantined,
        snapshot="" if snapshot is None else str(snapshot),
        rules=tuple(outcomes),
        set_aside=work.new.set_aside,
        seconds=watch.seconds,
    )


def _stopped(work: Work, status: Status, outcomes: Sequence[RuleOutcome], watch: Stopwatch) -> Result:
    return Result(
        run=work.plan.run,
        status=status,
        rows_in=work.rows_in,
        rules=tuple(outcomes),
        seconds=watch.seconds,
        message=verdict.message_of(outcomes, status),
    )


def _staged(spark: SparkSession, plan: Plan) -> DataFrame:
    return rows_in_files(spark, plan.staged, plan.left_out, (*plan.dataset.staged, *PROVENANCE))


def _inputs(spark: SparkSession, plan: Plan) -> dict[str, DataFrame]:
    """What the transform reads; a `replace` reads all live objects."""
    if plan.dataset.derived:
        return pinned(spark, plan.inputs)
    rows = _staged(spark, plan)
    if plan.dataset.table.mode == "replace" and plan.history:
        rows = rows.unionByName(_history_rows(spark, plan))
    return {"staged": rows}


def _history_rows(spark: SparkSession, plan: Plan) -> DataFrame:
    return rows_in_files(spark, plan.history, plan.history_left_out, (*plan.dataset.staged, *PROVENANCE))


def _history(spark: SparkSession, plan: Plan, rules: Sequence[Rule]) -> Split | None:
    if plan.dataset.table.mode not in ("merge", "history") or not plan.history:
        return None
    return split(
        transformed(spark, plan.dataset, {"staged": _history_rows(spark, plan)}), rules, is_costly(plan.dataset)
    )


def is_costly(dataset: Dataset) -> bool:
    """Whether rows cost more to make than to keep: Python, or SQL that may join and aggregate."""
    table = dataset.table
    return bool(table.python or (table.sql and (dataset.derived or table.mode == "replace")))


def _transforms(dataset: Dataset) -> bool:
    return bool(dataset.table.sql or dataset.table.python or dataset.table.mode == "replace")


def _bytes(frames: Iterable[DataFrame], table: IcebergTable) -> int:
    read = sum(stored_bytes(frame) for frame in frames)
    return read + int(table.facts().get("total-files-size", "0"))
