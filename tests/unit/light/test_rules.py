"""Rules of the stage zone."""

from __future__ import annotations

from typing import Any

from lake.core.contract import Column
from lake.core.quality import Rule
from unit.light.batch import Stage, dataset

COLUMNS = [Column("a", "int"), Column("b", "string")]
CONTENT = b"a,b\n1,x\n2,\n-3,y\n"


def rule(id_: str, predicate: str = "", measure: str = "", **more: Any) -> Rule:
    kind = "row" if predicate else "set"
    given = {"zone": "stage", "on_fail": "quarantine"} | more
    return Rule(id=id_, dqdl=f"{id_} text", kind=kind, engine="sql", predicate=predicate, measure=measure, **given)


def test_a_row_that_breaks_a_rule_is_set_aside_under_its_name(stage: Stage) -> None:
    rules = [rule("complete", "b IS NOT NULL"), rule("positive", "a > 0", on_fail="halt")]
    result = stage(dataset(COLUMNS, rules=rules), CONTENT)
    assert result.rows == [(1, "x")]
    assert result.reasons == [(2, 3, "complete", "complete text"), (3, 4, "positive", "positive text")]
    assert result.raw == ['{"a":2,"b":null}', '{"a":-3,"b":"y"}']
    assert [(one.outcome, one.failed_rows) for one in result.report.rules] == [("failed", 1), ("failed", 1)]


def test_a_warning_counts_and_keeps_the_rows(stage: Stage) -> None:
    result = stage(dataset(COLUMNS, rules=[rule("positive", "a > 0", on_fail="warn")]), CONTENT)
    assert len(result.rows) == 3
    assert [(one.outcome, one.failed_rows) for one in result.report.rules] == [("failed", 1)]


def test_a_waiver_holds_up_to_its_day(stage: Stage) -> None:
    on_the_day = stage(dataset(COLUMNS, rules=[rule("positive", "a > 0", waived_until="2013-01-02")]), CONTENT)
    day_after = stage(dataset(COLUMNS, rules=[rule("positive", "a > 0", waived_until="2013-01-01")]), CONTENT)
    assert ([one.outcome for one in on_the_day.report.rules], len(on_the_day.rows)) == (["waived"], 3)
    assert ([one.outcome for one in day_after.report.rules], len(day_after.rows)) == (["failed"], 2)


def test_a_failed_set_rule_rejects_every_object(stage: Stage) -> None:
    declared = dataset(COLUMNS, rules=[rule("rows", measure="count(*) > 5"), rule("some", measure="count(*) > 1")])
    result = stage(declared, CONTENT, b"a,c\n")
    assert [reason for reason, _ in result.ends] == ["QUALITY", "HEADER"]
    assert "rows text" in result.ends[0][1]
    assert not result.staged_path.exists()
    assert not result.rejected_path.exists()
    assert [one.outcome for one in result.report.rules] == ["failed", "passed"]


def test_a_set_rule_under_warn_lets_the_batch_through(stage: Stage) -> None:
    result = stage(dataset(COLUMNS, rules=[rule("rows", measure="count(*) > 5", on_fail="warn")]), CONTENT)
    assert len(result.rows) == 3
    assert [one.outcome for one in result.report.rules] == ["failed"]


def test_rules_of_the_analytics_zone_are_not_ours(stage: Stage) -> None:
    result = stage(dataset(COLUMNS, rules=[rule("positive", "a > 0", zone="analytics")]), CONTENT)
    assert (len(result.rows), result.report.rules) == (3, ())
