"""A dataset's quality rules: checked against its columns, compiled for their zones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal

from lake.core.contract import PROVENANCE
from lake.core.quality import Rule
from lake.core.type import is_nested
from lakectl.dqdl.expression import Comparison, Expression
from lakectl.dqdl.literal import DIALECTS
from lakectl.dqdl.measure import measure
from lakectl.dqdl.parse import ROW_TYPES, parse_rule
from lakectl.dqdl.predicate import predicate
from lakectl.dqdl.regex import problem_with_pattern
from lakectl.resolve.column import Columns, is_derived, staged_columns, table_columns
from lakectl.specs.dataset import DatasetSpec, RuleSpec
from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest, with_article
from lakectl.specs.text import Text
from lakectl.sql.condition import condition_problems
from lakectl.sql.statement import parse_condition

NUMBERS = ("int", "bigint", "float", "double")
TIMES = ("date", "timestamp")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")
_INSTANT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d\Z")
EXACT_IN_DOUBLE = 2**53


def resolve_rules(dataset: Loaded[DatasetSpec], findings: list[Finding]) -> tuple[Rule, ...]:
    """All rules of a dataset, with ids that are unique in it."""
    spec = dataset.spec
    rules: dict[str, Rule] = {}
    parsed: list[tuple[int, Expression]] = []
    for number, entry in enumerate(spec.quality):
        text = dataset.document.text(("quality", number, "rule"), entry.rule)
        found = list(_placed(dataset, number, entry))
        expression = _parsed(text, found)
        if expression is not None:
            columns = staged_columns(spec) if entry.zone == "stage" else table_columns(spec)
            found += _problems(text, expression, columns, entry, derived=is_derived(spec))
        findings += found
        if expression is None or found:
            continue
        parsed.append((number, expression))
        rule = compiled_rule(entry, expression, columns)
        if rule.id in rules and (rules[rule.id].zone, rules[rule.id].dqdl) == (rule.zone, rule.dqdl):
            findings.append(text.finding(0, "the rule stands twice.", "Keep one."))
        rules[rule.id] = rule
    findings += _null_warnings(dataset, parsed)
    findings += _key_warnings(dataset, parsed)
    return tuple(rules.values())


def _placed(dataset: Loaded[DatasetSpec], number: int, entry: RuleSpec) -> Iterator[Finding]:
    if entry.zone == "stage" and is_derived(dataset.spec):
        location = ("quality", number, "zone")
        yield dataset.document.finding(location, "a derived dataset has no stage.", "Write analytics.")


def _parsed(text: Text, findings: list[Finding]) -> Expression | None:
    try:
        return parse_rule(text)
    except BrokenSpecs as broken:
        findings += broken.findings
        return None


def _problems(text: Text, rule: Expression, columns: Columns, entry: RuleSpec, derived: bool) -> Iterator[Finding]:
    types = {column.name: column.type for column in columns}
    if rule.column:
        if rule.column not in types:
            hint = nearest(rule.column, types)
            yield text.finding(rule.column_start, f"{rule.column!r} is not a column in {entry.zone}.", hint)
            return
        for message, hint in _type_problems(rule, types[rule.column]):
            yield text.finding(rule.comparison.start if rule.comparison else 0, message, hint)
    elif rule.comparison and any(not _is_whole(value) for value in rule.comparison.values):
        yield text.finding(rule.comparison.start, "rows are counted in whole numbers.", "Write RowCount > 100.")
    if rule.threshold and not all(isinstance(value, Decimal) and 0 <= value <= 1 for value in rule.threshold.values):
        yield text.finding(rule.threshold.start, "a threshold is a share.", "Write a number from 0 to 1.")
    if rule.where:
        known = [*types, *(() if derived else (column.name for column in PROVENANCE))]
        yield from _where_problems(text, rule, known, entry)


def _is_whole(value: Decimal | str) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


def _type_problems(rule: Expression, kind: str) -> Iterator[tuple[str, str]]:
    comparison = rule.comparison
    number = kind in NUMBERS or kind.startswith("decimal")
    if rule.type == "ColumnLength" and kind != "string":
        yield f"{rule.column!r} is {with_article(kind)}; only a string has a length.", "Use ColumnValues."
    elif rule.type == "Mean" and not number:
        yield f"{rule.column!r} is {with_article(kind)}; only numbers have a mean.", "Name a number."
    elif rule.type in ("ColumnLength", "Mean", "Completeness") and comparison:
        if any(isinstance(value, str) for value in comparison.values):
            yield f"{rule.type} is compared with numbers.", "Write the number without quotes."
    elif rule.type == "ColumnValues" and comparison:
        yield from _value_problems(rule.column, comparison, kind, number)


def _value_problems(column: str, comparison: Comparison, kind: str, number: bool) -> Iterator[tuple[str, str]]:
    texts = [value for value in comparison.values if isinstance(value, str)]
    if comparison.operator in ("matches", "not matches"):
        if kind != "string":
            yield f"{column!r} is {with_article(kind)}; only a string matches a pattern.", "Compare its value."
        else:
            problem = problem_with_pattern(texts[0])
            yield from [problem] if problem else []
    elif kind in ("boolean", "binary") or is_nested(kind):
        yield f"values of {with_article(kind)} are not judged yet.", "Use IsComplete, or where in another rule."
    elif number and texts:
        yield f"{column!r} is {with_article(kind)}, and {texts[0]!r} is a text.", "Write a number without quotes."
    elif not number and len(texts) < len(comparison.values):
        yield f"{column!r} is {with_article(kind)}: it is compared with texts.", 'Put the value in double quotes: "12".'
    elif kind == "string" and comparison.operator not in ("=", "!=", "in", "not in"):
        yield f"{column!r} is a string, which has no order here.", "Use =, !=, in or matches."
    elif kind in TIMES:
        form = _DAY if kind == "date" else _INSTANT
        for value in texts:
            if not _DAY.match(value) and not form.match(value):
                yield (
                    f"{value!r} is not {with_article(kind)}.",
                    "Write it like 2013-01-31" + (" or 2013-01-31 23:59:59." if kind == "timestamp" else "."),
                )


def _where_problems(text: Text, rule: Expression, columns: list[str], entry: RuleSpec) -> Iterator[Finding]:
    where = text.part(rule.where_start, rule.where, rule.where_plain)
    try:
        tree = parse_condition(where, DIALECTS[entry.zone])
    except BrokenSpecs as broken:
        yield from broken.findings
        return
    yield from condition_problems(where, tree, columns)


def compiled_rule(entry: RuleSpec, rule: Expression, columns: Columns) -> Rule:
    """A rule that has been checked, for the engine of its zone."""
    kind = next((column.type for column in columns if column.name == rule.column), "")
    dialect = DIALECTS[entry.zone]
    by_row = rule.type in ROW_TYPES and rule.threshold is None
    by_deequ = entry.zone == "analytics" and rule.threshold is None and _deequ_judges(entry.rule, rule, kind)
    return Rule(
        id=_id(entry, rule),
        zone=entry.zone,
        dqdl=" ".join(entry.rule.split()) if "\n" in entry.rule else entry.rule.strip(),
        kind="row" if by_row else "set",
        engine="deequ" if by_deequ else "sql",
        on_fail=entry.on_fail,
        predicate=predicate(rule, kind, dialect) if by_row else "",
        measure="" if by_row or by_deequ else measure(rule, kind, dialect),
        owner=entry.owner,
        waived_until=entry.waived_until.isoformat() if entry.waived_until else "",
    )


def _deequ_judges(text: str, rule: Expression, kind: str) -> bool:
    """Whether Deequ's verdict can be had and believed. What it misreads is judged by our SQL alone:
    ColumnLength != passes always, texts are put into SQL unescaped, numbers become doubles, and a rule that holds an
    escaped quote comes back under another text."""
    comparison = rule.comparison
    if '\\"' in text:
        return False
    if comparison is None:
        return True
    if rule.type == "ColumnLength" and comparison.operator == "!=":
        return False
    if kind == "timestamp" and any(not _DAY.match(str(value)) for value in comparison.values):
        return False
    if comparison.operator in ("matches", "not matches"):
        return True
    return not any(_is_misread(value) for value in comparison.values)


def _is_misread(value: Decimal | str) -> bool:
    """Deequ puts texts into SQL as they are, and numbers into doubles."""
    return "'" in value or "\\" in value if isinstance(value, str) else abs(value) >= EXACT_IN_DOUBLE


def _id(entry: RuleSpec, rule: Expression) -> str:
    """Short, and fixed by the rule itself: neither its place in the list nor other rules matter."""
    name = "-".join(part for part in (rule.type, rule.column) if part)
    if entry.zone == "stage":
        name = f"stage-{name}"
    if rule.comparison is None and not rule.where and rule.threshold is None:
        return name
    text = "".join(entry.rule.split())
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _null_warnings(dataset: Loaded[DatasetSpec], parsed: list[tuple[int, Expression]]) -> Iterator[Finding]:
    """A null fails ColumnValues, which surprises whoever thinks of it as absent."""
    spec = dataset.spec
    complete = {(spec.quality[number].zone, rule.column) for number, rule in parsed if rule.type == "IsComplete"}
    nullable = {
        "stage": {column.name for column in staged_columns(spec) if column.nullable},
        "analytics": {column.name for column in table_columns(spec) if column.nullable},
    }
    for number, rule in parsed:
        zone = spec.quality[number].zone
        loose = rule.comparison is not None and rule.comparison.operator in ("!=", "not in")
        if rule.type != "ColumnValues" or loose or rule.where or rule.column not in nullable[zone]:
            continue
        if not {("stage", rule.column), (zone, rule.column)} & complete:
            hint = f'Add where "{rule.column} is not null", or a rule IsComplete "{rule.column}".'
            location = ("quality", number, "rule")
            yield dataset.document.warning(location, f"a null in {rule.column!r} breaks this rule.", hint)


def _key_warnings(dataset: Loaded[DatasetSpec], parsed: list[tuple[int, Expression]]) -> Iterator[Finding]:
    """Two nulls are not the same key, so such rows would never meet."""
    spec = dataset.spec
    kept_out = {rule.column for number, rule in parsed if _keeps_nulls_out(rule, spec.quality[number])}
    nullable = {column.name for column in table_columns(spec) if column.nullable}
    for number, name in enumerate(spec.table.keys):
        if name in nullable - kept_out:
            hint = f'Add nullable: false to the column, or a rule IsComplete "{name}".'
            yield dataset.document.warning(("table", "keys", number), f"{name!r} may be null.", hint)


def _keeps_nulls_out(rule: Expression, entry: RuleSpec) -> bool:
    return rule.type == "IsComplete" and not rule.where and entry.on_fail != "warn"
