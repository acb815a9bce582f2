"""The tables that a query names, and what of each it needs: columns, filters, a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

CATALOG = "awsdatacatalog"


@dataclass(slots=True)
class Reference:
    """One mention of a table; `alias` is what the engine calls it."""

    node: exp.Table
    database: str
    name: str
    metadata: str | None  # of "t$snapshots": snapshots
    alias: str
    scope: Scope | None
    wanted: tuple[str, ...] = ()
    filters: list[exp.Expression] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        suffix = f"${self.metadata}" if self.metadata else ""
        return f"{CATALOG}.{self.database}.{self.name}{suffix}"


class ForeignCatalog(Exception):
    """A table of another catalog than AwsDataCatalog."""

    def __init__(self, node: exp.Table) -> None:
        super().__init__(node.catalog)
        self.node = node


def references(tree: exp.Expression, database: str) -> list[Reference]:
    """Every mention of a stored table, in no CTE's or subquery's name."""
    found: dict[int, Reference] = {}
    for source, scope in _mentions(tree):
        if id(source) not in found and isinstance(source.this, exp.Identifier):
            if source.catalog and source.catalog.lower() != CATALOG:
                raise ForeignCatalog(source)
            name, _, metadata = source.name.lower().partition("$")
            found[id(source)] = Reference(
                source, source.db.lower() or database, name, metadata or None, f"scan_{len(found)}", scope
            )
    return list(found.values())


def _mentions(tree: exp.Expression) -> Iterator[tuple[exp.Table, Scope | None]]:
    if isinstance(tree, exp.Query):
        for scope in traverse_scope(tree):
            yield from ((one, scope) for one in scope.sources.values() if isinstance(one, exp.Table))
        return
    named = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or table.name.lower() not in named:
            yield table, None


def settle(reference: Reference, tree: exp.Expression, columns: Mapping[str, Any]) -> None:
    """Work out which of its columns the query may need, and which filters can be read with it.

    Columns are matched by name alone, so rather one too many than one too few.
    """
    names = {found.name.lower() for found in tree.find_all(exp.Identifier)}
    everything = any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)) or any(
        join.args.get("method") == "NATURAL" for join in tree.find_all(exp.Join)
    )
    reference.wanted = tuple(column for column in columns if everything or column.lower() in names)
    reference.filters = _filters(reference, columns)


def _filters(reference: Reference, columns: Mapping[str, Any]) -> list[exp.Expression]:
    select = reference.scope.expression if reference.scope else None
    if reference.scope is None or not isinstance(select, exp.Select) or not select.args.get("where"):
        return []
    if not _where_holds_for(reference, select):
        return []
    alone = len(reference.scope.sources) == 1
    mine = reference.node.alias_or_name.lower()
    kept = []
    for part in (
        select.args["where"].this.flatten()
        if isinstance(select.args["where"].this, exp.And)
        else [select.args["where"].this]
    ):
        part = part.unnest()
        used = list(part.find_all(exp.Column))
        if part.find(exp.Query) or not used:
            continue
        if all(
            column.name.lower() in columns and (column.table.lower() == mine or (not column.table and alone))
            for column in used
        ):
            kept.append(part)
    return kept


def _where_holds_for(reference: Reference, select: exp.Select) -> bool:
    """Whether a row of this table that WHERE refuses could be left out before the joins."""
    joins = select.args.get("joins") or []
    if any(join.side in ("RIGHT", "FULL") for join in joins):
        return False
    first = select.args.get("from_") or select.args.get("from")
    return not joins or (first is not None and first.this is reference.node) or all(not join.side for join in joins)
