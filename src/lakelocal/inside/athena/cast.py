"""CAST as Trino means it, in DuckDB's words."""

from __future__ import annotations

import re

from sqlglot import exp

from lakelocal.inside.athena.failure import QueryFailed

_WHOLE = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.TINYINT)
_TEXT = (exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT)


def cast(node: exp.Expression) -> exp.Expression:
    """Times become text with milliseconds, doubles text with an exponent; halves are rounded away from zero."""
    kind = node.to.this
    if kind in _TEXT and not isinstance(node, exp.TryCast):
        width = node.to.expressions
        text = call("trino_text", node.this)
        return call("trino_varchar", text, width[0].this, call("typeof", node.this.copy())) if width else text
    if kind == exp.DataType.Type.CHAR:
        raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: CAST to char(n). Use varchar(n).")
    if kind == exp.DataType.Type.DECIMAL and not node.to.expressions:
        return _bare_decimal(node)
    if kind in _WHOLE and not (isinstance(node.this, exp.Literal) and (node.this.is_string or node.this.is_int)):
        node.set("this", call("trino_whole", node.this))
    return node


def _bare_decimal(node: exp.Expression) -> exp.Expression:
    """`DECIMAL '10.5'` has the type of its digits."""
    text = node.this.name if isinstance(node.this, exp.Literal) and node.this.is_string else ""
    if not re.fullmatch(r"[+-]?\d*\.?\d*", text) or not text.strip("+-."):
        raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: CAST to decimal without its precision")
    whole, _, fraction = text.strip("+-").partition(".")
    precision = max(1, len(whole.lstrip("0")) + len(fraction))
    node.set("to", exp.DataType.build(f"DECIMAL({precision},{len(fraction)})"))
    return node


def call(name: str, *given: exp.Expression | str) -> exp.Anonymous:
    return exp.Anonymous(
        this=name, expressions=[exp.Literal.string(one) if isinstance(one, str) else one for one in given]
    )
