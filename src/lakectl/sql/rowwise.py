"""Transforms that must give at most one row for each row: what they may hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from lake.core.contract import PROVENANCE
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest
from lakectl.sql.function import PER_ROW, function_problems
from lakectl.sql.statement import Statement

_PROVENANCE = frozenset(column.name for column in PROVENANCE)
_CLAUSES = {
    "joins": "JOIN",
    "group": "GROUP BY",
    "having": "HAVING",
    "distinct": "DISTINCT",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "order": "ORDER BY",
    "sort": "SORT BY",
    "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY",
    "qualify": "QUALIFY",
    "windows": "WINDOW",
    "laterals": "LATERAL VIEW",
    "sample": "TABLESAMPLE",
    "with_": "WITH",
    "with": "WITH",
    "pivots": "PIVOT",
    "into": "INTO",
}


def problems(statement: Statement, view: str, columns: Iterable[str]) -> Iterator[Finding]:
    """All that keeps a statement from being a row-wise SELECT over `view`."""
    tree = statement.tree
    if not isinstance(tree, exp.Select):
        yield statement.finding(tree, f"{tree.key.upper()} is refused.", PER_ROW)
        return
    yield from _clauses(statement, tree)
    yield from _source(statement, tree, view)
    yield from function_problems(statement.text, tree)
    yield from _columns(statement, tree, view, set(columns))


def _clauses(statement: Statement, tree: exp.Select) -> Iterator[Finding]:
    for name, words in _CLAUSES.items():
        clause = tree.args.get(name)
        if clause:
            node = clause[0] if isinstance(clause, list) else clause
            yield statement.finding(node if isinstance(node, exp.Expression) else tree, f"{words} is refused.", PER_ROW)


def _source(statement: Statement, tree: exp.Select, view: str) -> Iterator[Finding]:
    tables = list(tree.find_all(exp.Table))
    if not tables:
        yield statement.finding(tree, f"reads no table. Add FROM {view}.")
    for table in tables:
        name = ".".join(part.name for part in table.parts)
        if name.lower() != view or not isinstance(table.this, exp.Identifier):
            yield statement.finding(table, f"{name!r} is not a table that this transform reads.", f"Read {view!r}.")


def _columns(statement: Statement, tree: exp.Select, view: str, columns: set[str]) -> Iterator[Finding]:
    aliases = {one.alias.lower() for one in tree.expressions if isinstance(one, exp.Alias)}
    tables = {view} | {table.alias.lower() for table in tree.find_all(exp.Table) if table.alias}
    known = columns | _PROVENANCE
    for column in tree.find_all(exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        if column.table and column.table.lower() not in tables:
            yield statement.finding(column, f"{column.table!r} is not a table here.", nearest(column.table, tables))
        elif column.name.lower() not in known | aliases:
            yield statement.finding(column, f"{column.name!r} is not a column.", nearest(column.name, columns))
