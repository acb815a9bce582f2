"""Where Trino's answer depends on the types of what it is given: division, averages, rounding, sizes, sequences.

The engine itself is asked for the types: the arguments alone are bound, over the FROM of their own SELECT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from lakelocal.inside.athena.cast import call
from lakelocal.inside.athena.dialect import in_engine_words

WIDEST = 38
_WHOLE = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 19, "INTEGER_LITERAL": 10}
_FLOATS = ("FLOAT", "DOUBLE")
_KINDS = (exp.Div, exp.Avg, exp.Round, exp.ArraySize)
_DONE = "typed"


@dataclass(frozen=True, slots=True)
class Decimal:
    """decimal(precision, scale)."""

    precision: int
    scale: int


def settle_types(engine: duckdb.DuckDBPyConnection, tree: exp.Expression) -> None:
    """Replace what depends on types, from the innermost outwards; `tree`, in Trino's words, is changed."""
    while nodes := [node for node in tree.find_all(*_KINDS) if _innermost(node)]:
        for node in nodes:
            told = _told(node, _types(engine, tree, node))
            target = _whole_call(node) if isinstance(node, exp.Avg) else node
            if told is target:
                node.meta[_DONE] = True
            else:
                target.replace(told)


def _innermost(node: exp.Expression) -> bool:
    if node.meta.get(_DONE):
        return False
    inner = (one for one in node.find_all(*_KINDS) if one is not node)
    return all(one.meta.get(_DONE) for one in inner)


def _types(engine: duckdb.DuckDBPyConnection, tree: exp.Expression, node: exp.Expression) -> list[str]:
    """The engine's names of the arguments' types; none where they cannot be had, as inside of a lambda."""
    given = [one for one in (node.this, node.args.get("expression")) if isinstance(one, exp.Expression)]
    if isinstance(node, exp.Avg) and isinstance(node.this, exp.Distinct):
        given = list(node.this.expressions)
    select = node.find_ancestor(exp.Select)
    if node.find_ancestor(exp.Lambda) or select is None:
        return []
    probe = exp.Select(expressions=[exp.alias_(one.copy(), f"t{at}") for at, one in enumerate(given)])
    for part in ("from_", "from", "joins", "laterals"):
        if select.args.get(part):
            found = select.args[part]
            probe.set(part, [one.copy() for one in found] if isinstance(found, list) else found.copy())
    probe.set("with_", _ctes(node, select))
    try:
        return [str(kind) for kind in engine.sql(in_engine_words(probe).sql(dialect="duckdb")).types]
    except duckdb.Error:  # correlated, or wrong: the query itself will tell
        return []


def _ctes(node: exp.Expression, select: exp.Select) -> exp.With | None:
    """Every WITH that the SELECT can see, the outermost first."""
    found: list[exp.Expression] = []
    recursive = False
    above: exp.Expression | None = select
    while above is not None:
        clause = above.args.get("with_") or above.args.get("with")
        if clause is not None:
            recursive = recursive or bool(clause.args.get("recursive"))
            found = [*(cte.copy() for cte in _before(clause, node)), *found]
        above = above.parent
    return exp.With(expressions=found, recursive=recursive) if found else None


def _before(clause: exp.With, node: exp.Expression) -> Iterator[exp.Expression]:
    """The CTEs that stand before the one that holds the node; all of them if none does."""
    for cte in clause.expressions:
        if any(one is node for one in cte.walk()) and not clause.args.get("recursive"):
            return
        yield cte


def _told(node: exp.Expression, types: list[str]) -> exp.Expression:
    rules: dict[type, Callable[[exp.Expression, list[str]], exp.Expression]] = {
        exp.Div: _divided,
        exp.Avg: _averaged,
        exp.Round: _rounded,
        exp.ArraySize: lambda node, types: call("cardinality", node.this) if types[0].startswith("MAP") else node,
    }
    if not types:
        return call("trino_divide_unknown", node.this, node.expression) if isinstance(node, exp.Div) else node
    return rules[type(node)](node, types)


def _divided(node: exp.Expression, types: list[str]) -> exp.Expression:
    left, right = node.this.copy(), node.expression.copy()
    if any(kind in _FLOATS for kind in types):
        return call("trino_divide_floats", left, right)
    one, other = (_decimal(kind) for kind in types)
    if all(kind in _WHOLE for kind in types) or one is None or other is None:
        return node
    scale = max(one.scale, other.scale)
    precision = min(WIDEST, one.precision + other.scale + max(0, other.scale - one.scale))
    shift = scale - one.scale + other.scale
    whole = call("trino_ratio", _scaled(left, one.scale + shift), _scaled(right, other.scale))
    return _unscaled(whole, Decimal(precision, scale))


def _averaged(node: exp.Expression, types: list[str]) -> exp.Expression:
    """An average of decimals is a decimal of the same type, rounded half away from zero."""
    outer = _whole_call(node)
    kind = _decimal(types[0]) if types[0].startswith("DECIMAL") else None
    if kind is None:
        return outer
    parts = []
    for function in (exp.Sum, exp.Count):
        copied = outer.copy()
        average = copied if isinstance(copied, exp.Avg) else copied.find(exp.Avg)
        assert average is not None
        other = function(this=average.this.copy())
        if average is copied:
            copied = other
        else:
            average.replace(other)
        parts.append(copied)
    return _unscaled(call("trino_ratio", _scaled(parts[0], kind.scale), parts[1]), kind)


def _whole_call(node: exp.Expression) -> exp.Expression:
    """An aggregate with its FILTER and OVER."""
    while isinstance(node.parent, exp.Filter | exp.Window) and node.parent.this is node:
        node = node.parent
    return node


def _rounded(node: exp.Expression, types: list[str]) -> exp.Expression:
    kind = _decimal(types[0]) if types[0].startswith("DECIMAL") else None
    digits = node.args.get("decimals")
    if kind is None:
        return node
    told = node.copy()
    told.meta[_DONE] = True
    scale = kind.scale if digits is not None else 0
    return _as_decimal(told, Decimal(min(WIDEST, kind.precision + 1), scale))


def _decimal(kind: str) -> Decimal | None:
    """A number's type as Trino sees it beside a decimal."""
    if kind in _WHOLE:
        return Decimal(_WHOLE[kind], 0)
    if not kind.startswith("DECIMAL("):
        return None
    precision, _, scale = kind[len("DECIMAL(") : -1].partition(",")
    return Decimal(int(precision), int(scale))


def _scaled(node: exp.Expression, scale: int) -> exp.Expression:
    """A decimal without its point: times ten to the power of the scale."""
    power = exp.Cast(this=exp.Literal.string(str(10**scale)), to=exp.DataType.build("HUGEINT", dialect="duckdb"))
    return call("trino_shifted", node, power)


def _unscaled(node: exp.Expression, kind: Decimal) -> exp.Expression:
    point = exp.Literal.string(f"{10**-kind.scale:.{kind.scale}f}" if kind.scale else "1")
    unit = exp.Cast(this=point, to=exp.DataType.build(f"DECIMAL({kind.scale + 1},{kind.scale})"))
    wide = exp.Cast(this=node, to=exp.DataType.build(f"DECIMAL({WIDEST - kind.scale - 1},0)"))
    return _as_decimal(exp.Mul(this=wide, expression=unit), kind)


def _as_decimal(node: exp.Expression, kind: Decimal) -> exp.Expression:
    return exp.Cast(this=node, to=exp.DataType.build(f"DECIMAL({kind.precision},{kind.scale})"))
