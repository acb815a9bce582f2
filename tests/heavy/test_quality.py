"""Rules: rows set aside with their reasons, runs set aside or halted as a whole, nothing visible before its check."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from heavy.small_lake import SmallLake, dataset_of, row_rule, set_rule

NOON = "2025-05-01 12:00:00"
GOOD = [("x", 1, NOON), ("y", 2, NOON)]
POSITIVE = row_rule("positive", 'ColumnValues "price" > 0', "coalesce(price > 0, false)")
NAMED = row_rule("named", 'IsComplete "shop"', "shop IS NOT NULL")
MANY = set_rule("many", "RowCount > 2")


@pytest.fixture
def make(spark: Any, tmp_path: Path) -> Any:
    def lake(*rules: dict[str, str], **table: Any) -> SmallLake:
        dataset = dataset_of(tmp_path.name, {"mode": "append"} | table, rules=rules)
        return SmallLake(spark, tmp_path, dataset).create_tables()

    return lake


def test_rows_that_break_a_row_rule_are_set_aside_with_rule_and_reason(make: Any) -> None:
    lake = make(POSITIVE, NAMED)
    result = lake.run(1, lake.stage("a", "01", [*GOOD, ("z", -5, NOON), (None, None, NOON)]))
    assert (result.status, result.rows_in, result.rows_published, result.rows_quarantined) == ("published", 4, 2, 2)
    assert result.set_aside == (("a", "01", 2),)
    assert lake.rows() == [("x", 1), ("y", 2)]
    assert lake.aside("_src_row, zone, rule, reason, run_id") == [
        (3, "analytics", "positive", POSITIVE["dqdl"], "r00000001"),
        (4, "analytics", "positive, named", f"{POSITIVE['dqdl']}; {NAMED['dqdl']}", "r00000001"),
    ]
    cells = [json.loads(text) for (text,) in lake.aside("row")]
    assert {"shop": "z", "price": -5, "seen": "2025-05-01T12:00:00.000"} in cells
    assert {"shop": None, "price": None, "seen": "2025-05-01T12:00:00.000"} in cells


def test_each_rule_is_reported_once_with_its_engines(make: Any) -> None:
    shops = set_rule("shops", "count(DISTINCT shop) = 2", engine="sql", measure="count(DISTINCT shop) = 2")
    alone = row_rule("alone", "price below 100", "coalesce(price < 100, false)", engine="sql")
    lake = make(POSITIVE, NAMED, set_rule("unique", 'IsUnique "shop"'), shops, alone)
    result = lake.run(1, lake.stage("a", "01", [*GOOD, ("z", -5, NOON)]))
    assert [(one.rule, one.engine, one.outcome, one.failed_rows) for one in result.rules] == [
        ("positive", "sql+deequ", "failed", 1),
        ("named", "sql+deequ", "passed", 0),
        ("unique", "deequ", "passed", 0),
        ("shops", "sql", "passed", 0),
        ("alone", "sql", "passed", 0),
    ]
    assert result.rules[2].metrics == {"Column.shop.Uniqueness": 1.0}


def test_every_rule_type_that_deequ_judges(make: Any) -> None:
    rules = [
        set_rule("RowCount", "RowCount between 1 and 10"),
        set_rule("Completeness", 'Completeness "price" >= 0.5'),
        set_rule("IsUnique", 'IsUnique "shop"'),
        set_rule("Mean", 'Mean "price" between 0 and 2'),
        row_rule("IsComplete", 'IsComplete "shop"', "shop IS NOT NULL"),
        row_rule("ColumnLength", 'ColumnLength "shop" = 1', "coalesce(length(shop) = 1, false)"),
        row_rule("In", 'ColumnValues "shop" in ["x","y"]', "coalesce(shop IN ('x', 'y'), false)"),
        row_rule("Matches", 'ColumnValues "shop" matches "[a-z]"', "coalesce(shop RLIKE '^(?:[a-z])$', false)"),
        row_rule("Where", 'ColumnValues "price" > 0 where "price is not null"', "price IS NULL OR price > 0"),
    ]
    lake = make(*rules)
    result = lake.run(1, lake.stage("a", "01", [("x", 1, NOON), ("y", None, NOON)]))
    assert {one.rule: one.outcome for one in result.rules} == {rule["id"]: "passed" for rule in rules}


def test_a_failed_set_rule_sets_the_whole_run_aside(make: Any) -> None:
    lake = make(MANY, POSITIVE)
    result = lake.run(1, lake.stage("a", "01", [*GOOD, ("z", -5, NOON)]), rejected=(lake.reject("a", "01", 1),))
    assert (result.status, result.rows_in, result.rows_published, result.rows_quarantined) == ("set aside", 3, 0, 0)
    assert result.message.startswith("RowCount > 2: Value: 2")
    assert (lake.rows(), lake.aside(), lake.branches()) == ([], [], [])
    later = lake.run(2, lake.stage("b", "01", [("a", 1, NOON), ("b", 1, NOON), ("c", 1, NOON)]))
    assert later.status == "published"


def test_set_rules_judge_the_table_as_it_would_be(make: Any) -> None:
    lake = make(set_rule("unique", 'IsUnique "shop"'))
    assert lake.run(1, lake.stage("a", "01", GOOD)).status == "published"
    assert lake.run(2, lake.stage("b", "01", [("x", 9, NOON)])).status == "set aside"
    assert lake.rows() == [("x", 1), ("y", 2)]


@pytest.mark.parametrize(("on_fail", "status", "visible"), [("halt", "halted", 0), ("warn", "published", 2)])
def test_a_failed_set_rule_halts_or_warns_as_declared(make: Any, on_fail: str, status: str, visible: int) -> None:
    lake = make(MANY | {"on_fail": on_fail})
    result = lake.run(1, lake.stage("a", "01", GOOD))
    assert (result.status, result.rules[0].outcome, len(lake.rows())) == (status, "failed", visible)


def test_a_row_rule_under_halt_stops_the_run_before_it_writes(make: Any) -> None:
    lake = make(POSITIVE | {"on_fail": "halt"}, MANY)
    result = lake.run(1, lake.stage("a", "01", [*GOOD, ("z", -5, NOON)]))
    assert (result.status, result.message) == ("halted", f"{POSITIVE['dqdl']}: 1 row of this run breaks it")
    assert (lake.snapshots(), lake.aside()) == (0, [])


def test_a_row_rule_under_warn_counts_and_publishes(make: Any) -> None:
    lake = make(POSITIVE | {"on_fail": "warn"})
    result = lake.run(1, lake.stage("a", "01", [*GOOD, ("z", -5, NOON)]))
    assert (result.rows_published, result.rows_quarantined, result.set_aside) == (3, 0, ())
    assert (result.rules[0].outcome, result.rules[0].failed_rows) == ("failed", 1)


def test_a_waived_rule_is_reported_and_stops_nothing_until_its_day_is_over(make: Any) -> None:
    waived = {"waived_until": "2025-06-01"}
    lake = make(MANY | waived, POSITIVE | waived)
    result = lake.run(1, lake.stage("a", "01", [("z", -5, NOON)]), today=date(2025, 6, 1))
    assert [(one.rule, one.outcome) for one in result.rules] == [("many", "waived"), ("positive", "waived")]
    assert lake.rows() == [("z", -5)]
    assert lake.run(2, lake.stage("b", "01", GOOD[:1]), today=date(2025, 6, 2)).status == "set aside"


def test_rows_published_before_the_rule_are_told_and_stop_nothing(make: Any) -> None:
    lake = make(POSITIVE | {"waived_until": "2025-05-31"})
    lake.run(1, lake.stage("a", "01", [("old", -5, NOON)]), today=date(2025, 5, 1))
    result = lake.run(2, lake.stage("b", "01", GOOD))
    assert (result.status, result.rows_published) == ("published", 2)
    assert (result.rules[0].outcome, result.rules[0].reason) == ("failed", "1 published before breaks it")


def test_engines_that_disagree_stop_the_run(make: Any) -> None:
    from lake.heavy.verdict import EnginesDisagree

    lake = make(POSITIVE | {"predicate": "true"})
    with pytest.raises(EnginesDisagree, match='ColumnValues "price" > 0'):
        lake.run(1, lake.stage("a", "01", [("z", -5, NOON)]))
    assert lake.rows() == []


@pytest.mark.parametrize("rule", ['Mean "shop" > 1', 'IsComplete "nowhere"', 'RowCount > 0 where "nowhere = 1"'])
def test_a_rule_that_deequ_cannot_judge_is_an_error_not_a_failed_rule(make: Any, rule: str) -> None:
    from lake.heavy.deequ import EvaluationError

    lake = make(set_rule("bad", rule))
    with pytest.raises(EvaluationError, match="Deequ could not judge"):
        lake.run(1, lake.stage("a", "01", GOOD))
    assert lake.rows() == []


def test_rules_about_values_are_true_of_an_empty_table(make: Any) -> None:
    lake = make(set_rule("unique", 'IsUnique "shop"'), NAMED, set_rule("few", "RowCount < 3"))
    lake.run(1, lake.stage("a", "01", GOOD))
    result = lake.run(2, removed=("a",))
    assert (result.status, [one.outcome for one in result.rules]) == ("published", ["passed"] * 3)


def test_a_column_of_nulls_alone_leaves_deequ_silent(make: Any) -> None:
    rule = row_rule("length", 'ColumnLength "shop" = 1', "shop IS NULL OR length(shop) = 1")
    lake = make(rule)
    result = lake.run(1, lake.stage("a", "01", [(None, 1, NOON)]))
    assert (result.rules[0].outcome, result.rules[0].engine) == ("passed", "sql")


def test_a_rule_that_is_not_deterministic_sets_aside_what_it_counted(make: Any) -> None:
    lake = make(row_rule("coin", "a coin", "rand() < 0.5", engine="sql"))
    result = lake.run(1, lake.stage("a", "01", [(str(number), number, NOON) for number in range(200)]))
    assert result.rows_published == len(lake.rows())
    assert result.rows_quarantined == len(lake.aside()) == 200 - result.rows_published
