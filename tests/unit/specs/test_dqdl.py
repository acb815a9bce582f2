"""DQDL: what is parsed, what is refused, what SQL comes out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lakectl.dqdl.expression import Comparison
from lakectl.dqdl.measure import measure
from lakectl.dqdl.parse import parse_rule
from lakectl.dqdl.predicate import predicate
from lakectl.dqdl.regex import problem_with_pattern
from lakectl.resolve.rule import compiled_rule
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import RuleSpec
from lakectl.specs.finding import BrokenSpecs
from lakectl.specs.text import Text


def test_a_rule_is_read_whole() -> None:
    rule = parse_rule(Text("rule", r'ColumnValues "s" in ["a", "b \"c\""] where "n > 1" with threshold >= 0.9'))
    assert (rule.type, rule.column, rule.where) == ("ColumnValues", "s", "n > 1")
    assert rule.comparison == Comparison("in", ("a", 'b "c"'), 17)
    assert rule.threshold is not None
    assert (rule.threshold.operator, rule.threshold.values) == (">=", (Decimal("0.9"),))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("", "rule:1:1: begins with no rule type."),
        ("Rowcount > 1", "rule:1:1: 'Rowcount' is not a rule type. Did you mean 'RowCount'?"),
        ("CustomSql", "rule:1:1: CustomSql is not judged yet."),
        ("IsComplete name", 'rule:1:12: IsComplete needs a column in double quotes. Write IsComplete "name".'),
        ("IsComplete 'name'", "rule:1:12: DQDL writes names and texts in double quotes. Write \" in place of '."),
        ('IsComplete "name" > 1', "rule:1:19: IsComplete is true or false; it is not compared."),
        ('IsUnique "a" "b"', "rule:1:14: IsUnique over several columns is not judged yet. Name one column."),
        ('Mean "a"', "rule:1:9: a comparison is missing here."),
        ('Mean "a" betwen 1 and 2', "rule:1:10: 'betwen' is not a comparison. Did you mean 'between'?"),
        ('Mean "a" > x', "rule:1:12: a value is missing here."),
        ('ColumnValues "a" > NULL', "rule:1:20: the keyword NULL is not judged yet."),
        ('ColumnValues "a" > now()', "rule:1:20: values that change with time are not judged yet."),
        ('ColumnValues "a" in [1, 2', "rule:1:26: ']' is missing here."),
        ('ColumnValues "a" between 1 2', "rule:1:28: 'and' is missing here."),
        ('ColumnValues "a', 'rule:1:14: a text is opened here and never closed. Close it with ".'),
        ("RowCount > 1 where id > 1", "rule:1:20: where needs a condition in double quotes."),
        ("RowCount > 1 and RowCount < 9", "rule:1:14: combined rules are not judged yet."),
        ('RowCount > 1 wher "a"', "rule:1:14: 'wher' is not understood here. Did you mean 'where'?"),
        ("RowCount > 1 with threshold > 0.5", "rule:1:14: RowCount has no threshold."),
        ("RowCount > 1.2.3", "rule:1:12: '1.2.3' is not a number. Write it like -12 or 0.95."),
        ("RowCount > 1 ; DROP", "rule:1:14: ';' means nothing in DQDL here."),
    ],
)
def test_what_is_not_understood_is_told_with_its_column(rule: str, message: str) -> None:
    with pytest.raises(BrokenSpecs) as raised:
        parse_rule(Text("rule", rule))
    assert message in str(raised.value)


@given(some.text(max_size=60))
def test_any_text_is_a_rule_or_a_finding(text: str) -> None:
    try:
        rule = parse_rule(Text("rule", text))
    except BrokenSpecs as broken:
        assert broken.findings
    else:
        assert rule.type


@pytest.mark.parametrize(
    ("rule", "kind", "spark"),
    [
        ('IsComplete "c"', "int", "`c` IS NOT NULL"),
        ('ColumnValues "c" > -1.5', "int", "`c` IS NOT NULL AND (`c` > -1.5)"),
        ('ColumnValues "c" != 5', "int", "`c` IS NULL OR (`c` <> 5)"),
        ('ColumnValues "c" between 1 and 5', "int", "`c` IS NOT NULL AND (`c` > 1 AND `c` < 5)"),
        ('ColumnValues "c" in ["a\'b"]', "string", "`c` IS NOT NULL AND (`c` IN ('a\\'b'))"),
        ('ColumnValues "c" > "2013-01-01"', "date", "`c` IS NOT NULL AND (`c` > DATE '2013-01-01')"),
        ('ColumnLength "c" = 2', "string", "`c` IS NULL OR (length(`c`) = 2)"),
        (
            r'ColumnValues "c" matches "\d+"',
            "string",
            r"`c` IS NOT NULL AND `c` <> '' AND (`c` RLIKE '^(?:\\d+)$')",
        ),
        ('IsComplete "c" where "d > 1"', "int", "NOT coalesce((d > 1), false) OR (`c` IS NOT NULL)"),
    ],
)
def test_a_row_rule_becomes_a_predicate(rule: str, kind: str, spark: str) -> None:
    assert predicate(parse_rule(Text("rule", rule)), kind, "spark") == spark


def test_duckdb_reads_a_backslash_as_itself_and_doubles_quotes() -> None:
    rule = parse_rule(Text("rule", r"""ColumnValues "c" in ["a\b", "it's"]"""))
    assert predicate(rule, "string", "duckdb") == r""""c" IS NOT NULL AND ("c" IN ('a\b', 'it''s'))"""


@pytest.mark.parametrize(
    ("rule", "duckdb"),
    [
        ("RowCount > 5", "count(1) > 5"),
        ('RowCount > 5 where "d > 1"', "count(CASE WHEN d > 1 THEN 1 END) > 5"),
        ('IsUnique "c"', 'count("c") = count(DISTINCT "c")'),
        (
            'Mean "c" > 1',
            'coalesce((avg(CAST("c" AS DOUBLE)) > 1) AND NOT isnan(avg(CAST("c" AS DOUBLE))), false)',
        ),
    ],
)
def test_a_set_rule_becomes_a_measure(rule: str, duckdb: str) -> None:
    assert measure(parse_rule(Text("rule", rule)), "int", "duckdb") == duckdb


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(a+)+$", "a repeat inside a repeat"),
        ("(a*b)*", "a repeat inside a repeat"),
        (r"(a)\1", "a back reference"),
        ("(?=a)", "a look-around"),
        ("(?<!a)b", "a look-around"),
        ("a|b", "alternatives outside of parentheses"),
        ("[a", "is not a pattern"),
        ("(a", "is not a pattern"),
    ],
)
def test_patterns_that_engines_read_differently_or_slowly_are_refused_f62(pattern: str, problem: str) -> None:
    found = problem_with_pattern(pattern)
    assert found is not None
    assert problem in found[0]


@pytest.mark.parametrize("pattern", ["[A-Z]{2}", r"\d+", "(a|b)c*", r"[^|]+\|x", "N[0-9]{1,5}[A-Z]{0,2}", "(ab)?c+"])
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert problem_with_pattern(pattern) is None


@pytest.mark.parametrize(
    ("rule", "kind", "engine"),
    [
        ('IsComplete "c"', "row", "deequ"),
        ('ColumnLength "c" = 3', "row", "deequ"),
        ('ColumnLength "c" != 3', "row", "sql"),
        ('ColumnValues "c" in ["it\'s"]', "row", "sql"),
        (r'ColumnValues "c" in ["say \"x\""]', "row", "sql"),
        ('ColumnValues "c" in ["a"] with threshold > 0.9', "set", "sql"),
        ('Completeness "c" > 0.9', "set", "deequ"),
        ("RowCount > 9", "set", "deequ"),
    ],
)
def test_deequ_judges_what_it_judges_right_and_nothing_else(rule: str, kind: str, engine: str) -> None:
    columns = (ColumnSpec(name="c", type="string"),)
    found = compiled_rule(RuleSpec(zone="analytics", rule=rule), parse_rule(Text("rule", rule)), columns)
    assert (found.kind, found.engine) == (kind, engine)
    assert bool(found.predicate) == (kind == "row")
    assert bool(found.measure) == (kind == "set" and engine == "sql")


def test_the_id_of_a_rule_depends_on_the_rule_alone() -> None:
    def id_of(rule: str, zone: str = "analytics") -> str:
        columns = (ColumnSpec(name="c", type="int"),)
        entry = RuleSpec.model_validate({"zone": zone, "rule": rule})
        return compiled_rule(entry, parse_rule(Text("rule", rule)), columns).id

    assert id_of('IsComplete "c"') == "IsComplete-c"
    assert id_of('IsComplete "c"', "stage") == "stage-IsComplete-c"
    assert id_of('ColumnValues "c" > 1') == id_of('ColumnValues  "c"  >  1')
    assert id_of('ColumnValues "c" > 1') != id_of('ColumnValues "c" > 2')
