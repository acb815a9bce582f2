"""Comparisons that Trino refuses and DuckDB would settle by a silent cast: text against numbers or times."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.place import start_of
from lakelocal.inside.athena.word import place

logger = logging.getLogger("lakelocal.athena")
_SIGNS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_TIMES = (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ)


def check_types(text: str, tree: exp.Expression, schema: Mapping[str, Mapping[str, str]]) -> None:
    """Raise QueryFailed at the first comparison of unlike types; what cannot be typed is let pass.

    `tree` names its tables as the schema does, and is changed.
    """
    try:
        typed = annotate_types(
            qualify(
                tree, schema=dict(schema), dialect="trino", validate_qualify_columns=False, quote_identifiers=False
            ),
            schema=dict(schema),
            dialect="trino",
        )
    except SqlglotError:
        logger.debug("the types of a query are not known: %s", text, exc_info=True)
        return
    for node in typed.walk():
        for left, right in _compared(node):
            if _family(left) and _family(right) and _family(left) != _family(right):
                sign = _SIGNS.get(type(node), "=")
                raise QueryFailed(
                    f"TYPE_MISMATCH: {place(text, _sign_at(text, left, sign))}: "
                    f"Cannot apply operator: {_name(left)} {sign} {_name(right)}"
                )


def _compared(node: exp.Expression) -> Sequence[tuple[exp.Expression, exp.Expression]]:
    if type(node) in _SIGNS:
        return [(node.this, node.expression)]
    if isinstance(node, exp.In):
        return [(node.this, item) for item in node.expressions]
    if isinstance(node, exp.Between):
        return [(node.this, node.args["low"]), (node.this, node.args["high"])]
    return []


def _family(node: exp.Expression) -> str | None:
    kind: Any = node.type.this if node.type else None
    if kind in exp.DataType.TEXT_TYPES:
        return "text"
    if kind in exp.DataType.NUMERIC_TYPES:
        return "number"
    if kind in _TIMES:
        return "time"
    return None


def _name(node: exp.Expression) -> str:
    if isinstance(node, exp.Literal) and node.is_string:
        return f"varchar({len(node.name)})"
    named = node.type.sql("trino").lower() if node.type else "unknown"
    return "timestamp(3)" if named == "timestamp" else named


def _sign_at(text: str, left: exp.Expression, sign: str) -> int:
    ends = [found.meta["end"] for found in left.walk() if "end" in found.meta]
    if ends:
        return max(text.find(sign, max(ends)), start_of(left) or 0)
    return max(text.find(sign), 0)
