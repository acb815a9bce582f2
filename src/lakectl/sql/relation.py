"""Queries over the tables of other datasets: names that exist, and names as the heavy job knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest
from lakectl.sql.function import function_problems
from lakectl.sql.statement import Statement

Inputs = Mapping[str, tuple[str, ...] | None]
"""Columns by table name: `<team>.<dataset>`, or a view such as `staged`; None where they are not known."""


def problems(statement: Statement, inputs: Inputs) -> Iterator[Finding]:
    """Unknown tables and columns, and functions that reach outside or change from run to run."""
    yield from function_problems(statement.text, statement.tree, whole_set=True)
    yield from name_problems(statement, inputs, "that this transform reads")


def name_problems(statement: Statement, inputs: Inputs, which: str) -> Iterator[Finding]:
    """Unknown tables and columns; `which` says what kind of table could be read."""
    unknown = list(_unknown_tables(statement, inputs, which))
    yield from unknown
    if not unknown:
        for scope in traverse_scope(statement.tree):
            yield from _columns(statement, scope, inputs)


def _unknown_tables(statement: Statement, inputs: Inputs, which: str) -> Iterator[Finding]:
    named = {cte.alias.lower() for cte in statement.tree.find_all(exp.CTE)}
    for table in statement.tree.find_all(exp.Table):
        name = table_name(table)
        if name not in inputs and not (name in named and not table.db):
            yield statement.finding(table, f"{name!r} is not a table {which}.", nearest(name, inputs))


def table_name(table: exp.Table) -> str:
    return ".".join(part.name for part in table.parts).lower()


def read_tables(statement: Statement, inputs: Inputs) -> set[str]:
    """The inputs that the query really reads."""
    return {name for table in statement.tree.find_all(exp.Table) if (name := table_name(table)) in inputs}


def _columns(statement: Statement, scope: Scope, inputs: Inputs) -> Iterator[Finding]:
    """Columns of one SELECT that none of its sources has; silent where a source's columns are not known."""
    sources = {alias.lower(): _columns_of(source, inputs) for alias, source in scope.sources.items()}
    selected = scope.expression.expressions if isinstance(scope.expression, exp.Select) else []
    aliases = {one.alias.lower() for one in selected if isinstance(one, exp.Alias)}
    for column in scope.columns:
        name, table = column.name.lower(), column.table.lower()
        if table and table in sources:
            known = sources[table]
        elif table or scope.is_correlated_subquery:
            continue
        else:
            known = _union(sources)
        if known is not None and name not in known and name not in aliases:
            yield statement.finding(column, f"{column.name!r} is not a column.", nearest(name, known))


def _columns_of(source: exp.Expression | Scope, inputs: Inputs) -> set[str] | None:
    if isinstance(source, Scope):
        query = source.expression
        names = query.named_selects if isinstance(query, exp.Query) else []
        return {name.lower() for name in names} if names and "*" not in names and "" not in names else None
    columns = inputs.get(table_name(source)) if isinstance(source, exp.Table) else None
    return set(columns) if columns is not None else None


def _union(sources: Mapping[str, set[str] | None]) -> set[str] | None:
    found: set[str] = set()
    for columns in sources.values():
        if columns is None:
            return None
        found |= columns
    return found if sources else None


def view_name(table: str) -> str:
    """The view that the heavy job makes of `<team>.<dataset>`."""
    return table.replace(".", "__")


def in_databases(statement: Statement, databases: Mapping[str, str]) -> str:
    """The user's words with each team's database in place of the team, in front of tables and of their columns."""
    nodes = (*statement.tree.find_all(exp.Table), *statement.tree.find_all(exp.Column))
    named = [node.args["db"] for node in nodes if node.args.get("db") and node.args["db"].name.lower() in databases]
    edits = {(one.meta["start"], one.meta["end"] + 1, databases[one.name.lower()]) for one in named}
    return _edited(statement.sql, edits)


def rewritten(statement: Statement, inputs: Inputs) -> str:
    """The user's words with `<team>.<dataset>` as `<team>__<dataset>`, under the alias that columns refer to."""
    edits: list[tuple[int, int, str]] = []
    for table in statement.tree.find_all(exp.Table):
        if table.db and table_name(table) in inputs:
            start, end = table.args["db"].meta["start"], table.this.meta["end"]
            alias = "" if table.alias else f" AS {table.name}"
            edits.append((start, end + 1, view_name(table_name(table)) + alias))
    for column in statement.tree.find_all(exp.Column):
        if column.args.get("db"):
            edits.append((column.args["db"].meta["start"], column.args["table"].meta["start"], ""))
    return _edited(statement.sql, edits)


def _edited(sql: str, edits: Iterable[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        sql = sql[:start] + new + sql[end:]
    return sql
