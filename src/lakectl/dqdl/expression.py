"""A DQDL rule as values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Operator = Literal[
    "=", "!=", ">", ">=", "<", "<=", "between", "not between", "in", "not in", "matches", "not matches"
]  # fmt: skip
Value = Decimal | str


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator with its values: two for between (both ends excluded), any number for in, one otherwise."""

    operator: Operator
    values: tuple[Value, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Expression:
    """One rule. `where` is a condition in SQL; `threshold` compares the share of rows that pass, and makes a row rule
    one about the set. `column_start` and `where_start` are offsets in the rule; `where_plain` says that offsets in the
    condition are offsets in the rule."""

    type: str
    column: str = ""
    comparison: Comparison | None = None
    where: str = ""
    threshold: Comparison | None = None
    column_start: int = 0
    where_start: int = 0
    where_plain: bool = True
