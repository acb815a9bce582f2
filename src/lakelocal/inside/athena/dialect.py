"""Where Trino and DuckDB mean different things by the same words: one node of a query at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.joda import strftime

_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_WHOLE = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.TINYINT)
_TEXT = (exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT)


def in_engine_words(tree: exp.Expression) -> exp.Expression:
    """The query as DuckDB must be told it, from the leaves up; `tree` is changed."""
    for node in reversed(list(tree.walk())):
        told = _told(node)
        if told is not node:
            if node.parent is None:
                return told
            node.replace(told)
    return tree


def _told(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Anonymous):
        change = _BY_NAME.get((node.name.lower(), len(node.expressions)))
        return change(*node.expressions) if change else node
    for kind, change in _BY_KIND:
        if isinstance(node, kind):
            return change(node)
    return node


def _call(name: str, *given: exp.Expression | str) -> exp.Anonymous:
    return exp.Anonymous(
        this=name, expressions=[exp.Literal.string(one) if isinstance(one, str) else one for one in given]
    )


def _unit(node: exp.Expression) -> str:
    unit = node.args.get("unit")
    name = (unit.name if unit is not None else "day").lower()
    if name not in _UNITS:
        raise QueryFailed(f"INVALID_FUNCTION_ARGUMENT: '{name}' is not a valid TIMESTAMP field")
    return name


def _date_add(node: exp.Expression) -> exp.Expression:
    """sqlglot keeps the number of units as an interval's; we want the number."""
    count = node.expression.this if isinstance(node.expression, exp.Interval) else node.expression
    return _call(f"trino_add_{_unit(node)}", node.this, count)


def _interval_sum(node: exp.Expression) -> exp.Expression:
    if not isinstance(node.expression, exp.Interval):
        return node
    return _call("trino_plus" if isinstance(node, exp.Add) else "trino_minus", node.this, node.expression)


def _cast(node: exp.Expression) -> exp.Expression:
    """Times become text with milliseconds; halves are rounded away from zero."""
    kind = node.to.this
    if kind in _TEXT and not node.to.expressions and not isinstance(node, exp.TryCast):
        return _call("trino_text", node.this)
    if kind in _WHOLE and not (isinstance(node.this, exp.Literal) and (node.this.is_string or node.this.is_int)):
        node.set("this", _call("trino_whole", node.this))
    return node


def _regexp_extract(node: exp.Expression) -> exp.Expression:
    group = node.args.get("group")
    return _call("trino_regexp_extract", node.this, node.expression, *([group] if group else []))


def _regexp_replace(node: exp.Expression) -> exp.Expression:
    """A group is `$1` in Trino and `\\1` in DuckDB."""
    replacement = node.args.get("replacement")
    if isinstance(replacement, exp.Literal) and "$" in replacement.name:
        node.set("replacement", exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name)))
    return node


def _reduce(node: exp.Expression) -> exp.Expression:
    folded = _call("list_reduce", node.this, node.args["merge"], node.args["initial"])
    finish = node.args.get("finish")
    if finish is None:
        return folded
    finished = _call("list_transform", exp.Array(expressions=[folded]), finish)
    return _call("list_extract", finished, exp.Literal.number(1))


def _parse_datetime(node: exp.Expression) -> exp.Expression:
    return _call("timezone", "UTC", _call("strptime", node.this, strftime(node.args["format"])))


def _random(node: exp.Expression) -> exp.Expression:
    """`random(n)` is a whole number below n."""
    bound = node.this
    if bound is None:
        return node
    return exp.Cast(
        this=exp.Floor(this=exp.Mul(this=_call("random"), expression=exp.Paren(this=bound))),
        to=exp.DataType.build("BIGINT"),
    )


def _not_any(array: exp.Expression, matches: exp.Expression) -> exp.Expression:
    return exp.Not(this=_call("list_bool_or", _call("list_transform", array, matches)))


_BY_KIND: tuple[tuple[type[exp.Expression] | tuple[type[exp.Expression], ...], Callable[..., exp.Expression]], ...] = (
    (exp.DateDiff, lambda node: _call("date_sub", _unit(node), node.expression, node.this)),
    (exp.DateAdd, _date_add),
    ((exp.DateTrunc, exp.TimestampTrunc), lambda node: _call("trino_date_trunc", _unit(node), node.this)),
    ((exp.Add, exp.Sub), _interval_sum),
    (exp.Cast, _cast),
    (exp.RegexpExtract, _regexp_extract),
    (exp.RegexpReplace, _regexp_replace),
    (
        exp.SplitPart,
        lambda node: _call("trino_split_part", node.this, node.args["delimiter"], node.args["part_index"]),
    ),
    (exp.Reduce, _reduce),
    (exp.Rand, _random),
    (exp.ParseDatetime, _parse_datetime),
    (exp.Format, lambda node: _call("printf", node.this, *node.expressions)),
    (exp.Typeof, lambda node: exp.Lower(this=_call("typeof", node.this))),
    (exp.Repeat, lambda node: _call("trino_repeat", node.this, node.args["times"])),
    (exp.ArraySlice, lambda node: _call("trino_slice", node.this, node.args["start"], node.args["end"])),
)
_BY_NAME: dict[tuple[str, int], Callable[..., exp.Expression]] = {
    ("format_datetime", 2): lambda moment, pattern: _call("strftime", moment, strftime(pattern)),
    ("all_match", 2): lambda array, matches: _call("list_bool_and", _call("list_transform", array, matches)),
    ("any_match", 2): lambda array, matches: _call("list_bool_or", _call("list_transform", array, matches)),
    ("none_match", 2): _not_any,
    ("millisecond", 1): lambda moment: _call("trino_millisecond", moment),
    ("every", 1): lambda condition: _call("bool_and", condition),
    ("url_encode", 1): lambda text: _call("replace", _call("url_encode", text), "%20", "+"),
    ("url_decode", 1): lambda text: _call("url_decode", _call("replace", text, "+", "%20")),
}
