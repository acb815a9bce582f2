"""A set rule as an aggregate in SQL: true or false over all rows, never null."""

from __future__ import annotations

from lakectl.dqdl.expression import Comparison, Expression
from lakectl.dqdl.literal import Dialect, identifier
from lakectl.dqdl.predicate import compared, row_condition


def measure(rule: Expression, column_type: str, dialect: Dialect) -> str:
    """Over no value at all, a rule about values holds; a mean does not, unless `where` left nothing to speak of."""
    if rule.threshold is not None:
        passed = f"CASE WHEN {row_condition(rule, column_type, dialect)} THEN 1.0 ELSE 0.0 END"
        return _judged(f"avg(CAST({_among(passed, rule)} AS DOUBLE))", rule.threshold, dialect, "true")
    if rule.comparison is None:
        column = _among(identifier(rule.column, dialect), rule)
        return f"count({column}) = count(DISTINCT {column})"
    if rule.type == "RowCount":
        return compared(f"count({_among('1', rule)})", rule.comparison, "bigint", dialect)
    column = identifier(rule.column, dialect)
    if rule.type == "Completeness":
        present = f"CASE WHEN {column} IS NULL THEN 0.0 ELSE 1.0 END"
        return _judged(f"avg(CAST({_among(present, rule)} AS DOUBLE))", rule.comparison, dialect, "true")
    of_nothing = "true" if rule.where else "false"
    return _judged(f"avg(CAST({_among(column, rule)} AS DOUBLE))", rule.comparison, dialect, of_nothing)


def _among(value: str, rule: Expression) -> str:
    """The value in rows that the rule speaks of, null in others: aggregates skip null."""
    return f"CASE WHEN {rule.where} THEN {value} END" if rule.where else value


def _judged(subject: str, comparison: Comparison, dialect: Dialect, of_nothing: str) -> str:
    """In SQL, NaN compares as the greatest number; here it fails every comparison but inequality."""
    condition = compared(subject, comparison, "double", dialect)
    if comparison.operator != "!=":
        condition = f"({condition}) AND NOT isnan({subject})"
    return f"coalesce({condition}, {of_nothing})"
