"""A row rule as a predicate in SQL: true for a good row, never null."""

from __future__ import annotations

from lakectl.dqdl.expression import Comparison, Expression
from lakectl.dqdl.literal import Dialect, identifier, literal, text

_LINE_END = "(?:\\r\\n|[\\n\\r\\x{85}\\x{2028}\\x{2029}])?"
"""Java's `$` also matches before a last line break; RE2's does not."""


def predicate(rule: Expression, column_type: str, dialect: Dialect) -> str:
    """Rows outside of `where` are good."""
    good = row_condition(rule, column_type, dialect)
    return f"NOT coalesce(({rule.where}), false) OR ({good})" if rule.where else good


def row_condition(rule: Expression, column_type: str, dialect: Dialect) -> str:
    """What a row must be that the rule speaks of."""
    column = identifier(rule.column, dialect)
    if rule.comparison is None:
        return f"{column} IS NOT NULL"
    if rule.type == "ColumnLength":
        return f"{column} IS NULL OR ({compared(f'length({column})', rule.comparison, 'int', dialect)})"
    if rule.comparison.operator in ("matches", "not matches"):
        return _matched(column, rule.comparison, dialect)
    condition = compared(column, rule.comparison, column_type, dialect)
    if rule.comparison.operator in ("!=", "not in"):
        return f"{column} IS NULL OR ({condition})"
    return f"{column} IS NOT NULL AND ({condition})"


def compared(subject: str, comparison: Comparison, column_type: str, dialect: Dialect) -> str:
    """The comparison in SQL. Both ends of between are excluded, as DQDL has it."""
    values = [literal(value, column_type, dialect) for value in comparison.values]
    operator = comparison.operator
    if operator == "between":
        return f"{subject} > {values[0]} AND {subject} < {values[1]}"
    if operator == "not between":
        return f"{subject} <= {values[0]} OR {subject} >= {values[1]}"
    if operator in ("in", "not in"):
        return f"{subject} {operator.upper()} ({', '.join(values)})"
    return f"{subject} {'<>' if operator == '!=' else operator} {values[0]}"


def _matched(column: str, comparison: Comparison, dialect: Dialect) -> str:
    """The whole text matches, or does not. An empty text does neither, as Deequ has it."""
    pattern = str(comparison.values[0])
    if dialect == "duckdb":
        match = f"regexp_full_match({column}, {text(f'(?:{pattern}){_LINE_END}', dialect)})"
    else:
        match = f"{column} RLIKE {text(f'^(?:{pattern})$', dialect)}"
    negation = "NOT " if comparison.operator == "not matches" else ""
    return f"{column} IS NOT NULL AND {column} <> '' AND {negation}({match})"
