"""A query in Trino's words, read, checked and made one in DuckDB's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakelocal.inside.athena import functions
from lakelocal.inside.athena.dialect import in_engine_words
from lakelocal.inside.athena.failure import InvalidRequest
from lakelocal.inside.athena.reference import Reference


def parse(text: str) -> exp.Query:
    """One SELECT. Raises InvalidRequest with the place where it stops making sense."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read="trino") if tree is not None]
    except SqlglotError as error:
        raise InvalidRequest(mismatch(text, error), "MALFORMED_QUERY") from error
    if len(trees) != 1:
        raise InvalidRequest("Only one sql statement is allowed. Got: " + text[:200], "MALFORMED_QUERY")
    if not isinstance(trees[0], exp.Query | exp.Values | exp.Table):
        raise InvalidRequest(f"line 1:1: mismatched input '{text.split()[0]}'", "MALFORMED_QUERY")
    return trees[0]


def check_functions(text: str) -> None:
    """Raise QueryFailed at the first function that Trino does not have, or that does not work here."""
    functions.check_functions(text, list(sqlglot.tokenize(text, read="trino")))


def rename_tables(tree: exp.Expression, references: Iterable[Reference]) -> None:
    """Call each mention of a stored table by the engine's name for it, under the name that the query knows."""
    for reference in references:
        known = reference.node.alias or reference.node.name
        for part in ("version", "catalog", "db"):
            reference.node.set(part, None)
        reference.node.set("this", exp.to_identifier(reference.alias, quoted=True))
        if not reference.node.alias:
            reference.node.set("alias", exp.TableAlias(this=exp.to_identifier(known, quoted=True)))
    for column in tree.find_all(exp.Column):
        column.set("catalog", None)
        column.set("db", None)


def for_engine(tree: exp.Expression) -> str:
    """The SQL for DuckDB. Output columns keep the names that Athena gives them."""
    named = tree.copy()
    name_outputs(named)
    return in_engine_words(named).sql(dialect="duckdb")


def name_outputs(tree: exp.Expression) -> None:
    """Name the result's expressions without a name `_col0`, `_col1`, as Trino does."""
    select = _first_select(tree)
    if select is None or select.is_star:
        return
    for at, projection in enumerate(select.expressions):
        if not isinstance(projection, exp.Alias | exp.Column | exp.Dot):
            projection.replace(exp.alias_(projection.copy(), f"_col{at}", quoted=True))


def output_names(tree: exp.Expression, found: Sequence[str]) -> list[str]:
    """The result's names; DuckDB, which `found` them, makes a name that stands twice another one."""
    select = _first_select(tree)
    if select is None or select.is_star or len(select.expressions) != len(found):
        return list(found)
    told = (one.alias_or_name if isinstance(one, exp.Alias | exp.Column) else "" for one in select.expressions)
    return [name or given for name, given in zip(told, found, strict=True)]


def _first_select(tree: exp.Expression) -> exp.Select | None:
    """The SELECT that names the columns of a query."""
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return tree if isinstance(tree, exp.Select) else None


def mismatch(text: str, error: SqlglotError) -> str:
    found = (getattr(error, "errors", None) or [{}])[0]
    line, column = found.get("line") or 1, found.get("col") or 1
    word = found.get("highlight") or "<EOF>"
    return f"line {line}:{max(1, column - len(word) + 1)}: mismatched input '{word}'"
