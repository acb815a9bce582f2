"""Conditions on one row: of rules and of delete_when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest
from lakectl.specs.text import Text
from lakectl.sql.function import function_problems
from lakectl.sql.statement import offset_of


def condition_problems(text: Text, tree: exp.Expression, columns: Iterable[str]) -> Iterator[Finding]:
    """All that keeps an expression from being a condition on the columns of one row."""
    known = set(columns)
    yield from function_problems(text, tree)
    if isinstance(tree, exp.Query):
        yield text.finding(0, "is a query, not a condition.", "Write a condition on a row.")
        return
    for column in tree.find_all(exp.Column):
        if column.table:
            yield text.finding(offset_of(column), f"{column.sql()!r} names a table.", "Write the column alone.")
        elif column.name.lower() not in known:
            yield text.finding(offset_of(column), f"{column.name!r} is not a column.", nearest(column.name, known))
