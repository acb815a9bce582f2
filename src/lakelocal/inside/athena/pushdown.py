"""Simple conditions of WHERE as Iceberg's, so that files and row groups without such rows are not read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pyiceberg import expressions as iceberg
from pyiceberg import types
from sqlglot import exp

_COMPARED: dict[type[exp.Expression], Any] = {
    exp.EQ: iceberg.EqualTo,
    exp.GT: iceberg.GreaterThan,
    exp.GTE: iceberg.GreaterThanOrEqual,
    exp.LT: iceberg.LessThan,
    exp.LTE: iceberg.LessThanOrEqual,
}
_MIRRORED = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ}


class _Unfit(Exception):
    """This condition stays with the engine alone."""


def row_filter(conditions: Sequence[exp.Expression], fields: Mapping[str, Any]) -> iceberg.BooleanExpression:
    """What can be said of these conditions; each is checked again by the engine."""
    found: iceberg.BooleanExpression = iceberg.AlwaysTrue()
    for condition in conditions:
        try:
            found = iceberg.And(found, _condition(condition, fields))
        except _Unfit:
            continue
    return found


def _condition(node: exp.Expression, fields: Mapping[str, Any]) -> iceberg.BooleanExpression:
    if isinstance(node, exp.Paren):
        return _condition(node.this, fields)
    if isinstance(node, exp.Or):
        return iceberg.Or(_condition(node.left, fields), _condition(node.right, fields))
    if isinstance(node, exp.And):
        return iceberg.And(_condition(node.left, fields), _condition(node.right, fields))
    if type(node) in _COMPARED:
        kind, column, value = type(node), node.this, node.expression
        if isinstance(value, exp.Column):
            kind, column, value = _MIRRORED[kind], value, column
        name, field = _field(column, fields)
        return _COMPARED[kind](name, _value(value, field))  # type: ignore[no-any-return]
    if isinstance(node, exp.Between):
        name, field = _field(node.this, fields)
        return iceberg.And(
            iceberg.GreaterThanOrEqual(name, _value(node.args["low"], field)),
            iceberg.LessThanOrEqual(name, _value(node.args["high"], field)),
        )
    if isinstance(node, exp.In) and node.expressions:
        name, field = _field(node.this, fields)
        return iceberg.In(name, [_value(value, field) for value in node.expressions])
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return iceberg.IsNull(_field(node.this, fields)[0])
    if isinstance(node, exp.Not) and isinstance(node.this, exp.Is) and isinstance(node.this.expression, exp.Null):
        return iceberg.NotNull(_field(node.this.this, fields)[0])
    raise _Unfit


def _field(node: exp.Expression, fields: Mapping[str, Any]) -> tuple[str, Any]:
    if not isinstance(node, exp.Column) or node.name.lower() not in fields:
        raise _Unfit
    field = fields[node.name.lower()]
    return field.name, field.field_type


def _value(node: exp.Expression, kind: Any) -> Any:
    """A literal as a value of this column's type; only where no rounding can change what is meant."""
    if isinstance(node, exp.Paren):
        return _value(node.this, kind)
    if isinstance(node, exp.Neg):
        return -_value(node.this, kind)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        return _moment(node.this.name, node.to.this, kind)
    if isinstance(node, exp.Literal):
        if node.is_string and isinstance(kind, types.StringType):
            return node.name
        if not node.is_string and isinstance(kind, types.IntegerType | types.LongType) and node.name.isdigit():
            return _whole(int(node.name), kind)
    raise _Unfit


def _whole(value: int, kind: Any) -> int:
    if value > (2**31 - 1 if isinstance(kind, types.IntegerType) else 2**63 - 1):
        raise _Unfit
    return value


def _moment(text: str, said: Any, kind: Any) -> Any:
    try:
        if said == exp.DataType.Type.DATE and isinstance(kind, types.DateType):
            return dt.date.fromisoformat(text).isoformat()
        if said == exp.DataType.Type.DATE and isinstance(kind, types.TimestampType):
            return dt.datetime.fromisoformat(text).isoformat()
        if said == exp.DataType.Type.TIMESTAMP and isinstance(kind, types.TimestampType):
            moment = dt.datetime.fromisoformat(text)
            if moment.tzinfo is None:
                return moment.isoformat()
    except ValueError as error:
        raise _Unfit from error
    raise _Unfit
