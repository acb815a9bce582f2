"""Attempts that stopped half way: the next one ends where an undisturbed run would have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import TODAY, SmallLake, dataset_of, row_rule, set_rule

NOON = "2025-05-01 12:00:00"
RULES = (
    row_rule("positive", 'ColumnValues "price" > 0', "coalesce(price > 0, false)"),
    set_rule("some", "RowCount > 0"),
)


@pytest.fixture(params=["append", "merge", "replace"])
def lake(spark: Any, tmp_path: Path, request: pytest.FixtureRequest) -> SmallLake:
    table = {"mode": request.param, "keys": ["shop"] if request.param == "merge" else []}
    return SmallLake(spark, tmp_path, dataset_of(tmp_path.name, table, rules=RULES)).create_tables()


class Begun:
    """An attempt that a test may stop after any step."""

    def __init__(self, lake: SmallLake, plan: Any) -> None:
        from lake.heavy import iceberg, run

        self.work = run.prepare(lake.spark, plan, TODAY, run.Stopwatch())
        self.branch = iceberg.start_branch(self.work.table, plan.run)

    def write(self) -> Any:
        from lake.heavy import run

        return run.write(self.work, self.branch)

    def publish(self, written: Any) -> None:
        from lake.heavy import run

        run.publish_branch(self.work, self.branch, written)

    def quarantine(self) -> None:
        from lake.heavy.quarantine import quarantine

        quarantine(self.work.aside, self.work.plan, self.work.parts, self.work.rules)


def after_branching(begun: Begun) -> None: ...


def after_writing(begun: Begun) -> None:
    begun.write()


def after_publishing(begun: Begun) -> None:
    begun.publish(begun.write())


def after_quarantining(begun: Begun) -> None:
    begun.publish(begun.write())
    begun.quarantine()


CRASHES = [after_branching, after_writing, after_publishing, after_quarantining]


@pytest.mark.parametrize("crash", CRASHES)
def test_the_next_attempt_ends_where_an_undisturbed_run_would(lake: SmallLake, crash: Callable[[Begun], None]) -> None:
    lake.run(1, lake.stage("old", "01", [("w", 1, NOON)]))
    staged = lake.stage("a", "01", [("x", 1, NOON), ("bad", -1, NOON)])
    history = (lake.stage("h", "01", [("h", 9, NOON)]),)
    plan = lake.plan(2, staged, rejected=(lake.reject("a", "01", 2),), history=history)
    crash(Begun(lake, plan))
    from lake.heavy.run import run

    result = run(lake.spark, plan, TODAY)
    kept = ("h", 9) if lake.dataset.table.mode == "replace" else ("w", 1)
    assert (result.status, result.rows_in, result.rows_quarantined) == ("published", 2, 3)
    assert result.rows_published == (2 if lake.dataset.table.mode == "replace" else 1)
    assert result.set_aside == (("a", "01", 1),)
    assert [one.outcome for one in result.rules] == ["failed", "passed"]
    assert lake.rows() == [kept, ("x", 1)]
    assert lake.aside("_src_key, run_id") == [("a", "r00000002")] * 3
    assert lake.branches() == ["main"]


def test_an_abandoned_branch_of_another_run_is_dropped(lake: SmallLake) -> None:
    Begun(lake, lake.plan(1, lake.stage("a", "01", [("x", 1, NOON)]))).write()
    lake.run(2, lake.stage("b", "01", [("y", 2, NOON)]))
    assert (lake.rows(), lake.branches()) == ([("y", 2)], ["main"])


def test_a_commit_by_somebody_else_makes_the_run_start_again(lake: SmallLake) -> None:
    from lake.heavy.iceberg import MainMoved

    lake.run(1, lake.stage("old", "01", [("w", 1, NOON)]))
    plan = lake.plan(2, lake.stage("a", "01", [("x", 1, NOON)]))
    begun = Begun(lake, plan)
    written = begun.write()
    lake.spark.sql(f"DELETE FROM {lake.name} WHERE shop = 'w'")
    with pytest.raises(MainMoved, match="Start the run again"):
        begun.publish(written)
    assert lake.rows() == []
    from lake.heavy.run import run

    assert run(lake.spark, plan, TODAY).status == "published"
    assert lake.rows() == [("x", 1)]


def test_handles_that_spark_loads_anew_in_mid_run_do_not_go_stale(lake: SmallLake) -> None:
    lake.run(1, lake.stage("old", "01", [("w", 1, NOON)]))
    begun = Begun(lake, lake.plan(2, lake.stage("a", "01", [("x", 1, NOON)])))
    lake.spark.sql(f"REFRESH TABLE {lake.name}")
    written = begun.write()
    lake.spark.sql(f"REFRESH TABLE {lake.name}")
    assert ("x", 1) not in lake.rows()
    begun.publish(written)
    assert ("x", 1) in lake.rows()
