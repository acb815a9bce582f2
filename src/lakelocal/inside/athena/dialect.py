"""Where Trino and DuckDB mean different things by the same words: one node of a query at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from lakelocal.inside.athena.cast import call, cast
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.joda import strftime

_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


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


def _unit(node: exp.Expression) -> str:
    unit = node.args.get("unit")
    name = (unit.name if unit is not None else "day").lower()
    if name not in _UNITS:
        raise QueryFailed(f"INVALID_FUNCTION_ARGUMENT: '{name}' is not a valid TIMESTAMP field")
    return name


def _date_add(node: exp.Expression) -> exp.Expression:
    """sqlglot keeps the number of units as an interval's; we want the number."""
    count = node.expression.this if isinstance(node.expression, exp.Interval) else node.expression
    return call(f"trino_add_{_unit(node)}", node.this, count)


def _interval_sum(node: exp.Expression) -> exp.Expression:
    if not isinstance(node.expression, exp.Interval):
        return node
    return call("trino_plus" if isinstance(node, exp.Add) else "trino_minus", node.this, node.expression)


def _at_time_zone(node: exp.Expression) -> exp.Expression:
    """The engine's times have no zone of their own: they are all printed in UTC."""
    raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: AT TIME ZONE")


def _extract(node: exp.Expression) -> exp.Expression:
    field = node.this.name.upper()
    if field.startswith("TIMEZONE"):
        raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: extract({field} FROM …)")
    named = {"DOW": "isodow", "DAY_OF_WEEK": "isodow", "YOW": "isoyear", "YEAR_OF_WEEK": "isoyear"}
    named |= {"DOY": "dayofyear", "DAY_OF_YEAR": "dayofyear", "DAY_OF_MONTH": "day"}
    return call(named.get(field, field.lower()), node.expression)


def _split(node: exp.Expression) -> exp.Expression:
    return call("string_split", node.this, node.expression)


def _substring(node: exp.Expression) -> exp.Expression:
    given = [node.this, node.args.get("start"), node.args.get("length")]
    return call(f"trino_substr{sum(one is not None for one in given)}", *(one for one in given if one is not None))


def _json_scalar(node: exp.Expression) -> exp.Expression:
    """Objects and arrays are no scalars."""
    path = (
        node.expression
        if isinstance(node.expression, exp.Literal)
        else exp.Literal.string(node.expression.sql("duckdb").strip("'"))
    )
    return call("trino_json_scalar", node.this, path)


def _regexp_extract(node: exp.Expression) -> exp.Expression:
    group = node.args.get("group")
    return call("trino_regexp_extract", node.this, node.expression, *([group] if group else []))


def _regexp_replace(node: exp.Expression) -> exp.Expression:
    """A group is `$1` in Trino and `\\1` in DuckDB."""
    replacement = node.args.get("replacement")
    if isinstance(replacement, exp.Literal) and "$" in replacement.name:
        node.set("replacement", exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name)))
    return node


def _reduce(node: exp.Expression) -> exp.Expression:
    folded = call("list_reduce", node.this, node.args["merge"], node.args["initial"])
    finish = node.args.get("finish")
    if finish is None:
        return folded
    finished = call("list_transform", exp.Array(expressions=[folded]), finish)
    return call("list_extract", finished, exp.Literal.number(1))


def _parse_datetime(node: exp.Expression) -> exp.Expression:
    return call("timezone", "UTC", call("strptime", node.this, strftime(node.args["format"])))


def _sequence(node: exp.Expression) -> exp.Expression:
    """Written out, because the engine cannot bind a macro with two forms inside of UNNEST."""
    first, last, step = node.args["start"], node.args["end"], node.args.get("step")
    if isinstance(first, exp.Cast) and first.to.this == exp.DataType.Type.DATE:
        day = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))
        return call("trino_sequence_dates", first, last, step or day)
    if step is None:
        down = exp.Case(default=exp.Literal.number(-1)).when(exp.LTE(this=first.copy(), expression=last.copy()), "1")
        return call("generate_series", first, last, down)
    return call("generate_series", first, last, step)


def _random(node: exp.Expression) -> exp.Expression:
    """`random(n)` is a whole number below n."""
    bound = node.this
    if bound is None:
        return node
    return exp.Cast(
        this=exp.Floor(this=exp.Mul(this=call("random"), expression=exp.Paren(this=bound))),
        to=exp.DataType.build("BIGINT"),
    )


def _matched(name: str) -> Callable[..., exp.Expression]:
    return lambda array, matches: call(name, call("list_transform", array, matches))


_BY_KIND: tuple[tuple[type[exp.Expression] | tuple[type[exp.Expression], ...], Callable[..., exp.Expression]], ...] = (
    (exp.DateDiff, lambda node: call("date_sub", _unit(node), node.expression, node.this)),
    (exp.DateAdd, _date_add),
    ((exp.DateTrunc, exp.TimestampTrunc), lambda node: call("trino_date_trunc", _unit(node), node.this)),
    ((exp.Add, exp.Sub), _interval_sum),
    (exp.Cast, cast),
    (exp.RegexpExtract, _regexp_extract),
    (exp.RegexpReplace, _regexp_replace),
    (
        exp.SplitPart,
        lambda node: call("trino_split_part", node.this, node.args["delimiter"], node.args["part_index"]),
    ),
    (exp.Reduce, _reduce),
    (exp.AtTimeZone, _at_time_zone),
    (exp.Extract, _extract),
    (exp.Split, _split),
    (exp.Substring, _substring),
    (exp.JSONExtractScalar, _json_scalar),
    (exp.ArrayDistinct, lambda node: call("trino_distinct", node.this)),
    (exp.ArrayExcept, lambda node: call("trino_except", node.this, node.expression)),
    (exp.ArrayIntersect, lambda node: call("trino_intersect", *node.expressions)),
    (exp.ArrayMax, lambda node: call("trino_array_max", node.this)),
    (exp.ArrayMin, lambda node: call("trino_array_min", node.this)),
    (exp.ArrayPosition, lambda node: call("trino_array_position", node.this, node.expression)),
    (exp.GenerateSeries, _sequence),
    (exp.Cbrt, lambda node: call("trino_cbrt", node.this)),
    (exp.Rand, _random),
    (exp.ParseDatetime, _parse_datetime),
    (exp.Format, lambda node: call("printf", node.this, *node.expressions)),
    (exp.Typeof, lambda node: call("trino_typeof", call("typeof", node.this))),
    (exp.Repeat, lambda node: call("trino_repeat", node.this, node.args["times"])),
    (exp.ArraySlice, lambda node: call("trino_slice", node.this, node.args["start"], node.args["end"])),
)
_BY_NAME: dict[tuple[str, int], Callable[..., exp.Expression]] = {
    ("format_datetime", 2): lambda moment, pattern: call("strftime", moment, strftime(pattern)),
    ("all_match", 2): _matched("trino_all"),
    ("any_match", 2): _matched("trino_any"),
    ("none_match", 2): _matched("trino_none"),
    ("millisecond", 1): lambda moment: call("trino_millisecond", moment),
    ("yow", 1): lambda day: call("isoyear", day),
    ("every", 1): lambda condition: call("bool_and", condition),
    ("url_encode", 1): lambda text: call("replace", call("url_encode", text), "%20", "+"),
    ("url_decode", 1): lambda text: call("url_decode", call("replace", text, "+", "%20")),
}
