"""Compiled quality rules, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

OnFail = Literal["warn", "quarantine", "halt"]
Zone = Literal["stage", "analytics"]
Outcome = Literal["passed", "failed", "waived"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One DQDL rule, compiled.

    A *row* rule has a `predicate` in SQL that is true for a good row (never null) and reads one row alone.
    A *set* rule speaks of all rows together. `engine` judges it: `deequ`, or `sql` with the aggregate in `measure`
    (a SQL expression over the whole set that gives true or false).
    """

    id: str
    zone: Zone
    dqdl: str
    kind: Literal["row", "set"]
    engine: Literal["deequ", "sql"]
    on_fail: OnFail
    predicate: str = ""
    measure: str = ""
    owner: str = ""
    waived_until: str = ""


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What an engine said of one rule. `failed_rows` counts the rows that a row rule set aside or warned of."""

    rule: str
    dqdl: str
    zone: Zone
    on_fail: OnFail
    engine: str
    outcome: Outcome
    reason: str = ""
    failed_rows: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)


def rule_from_json(entry: Mapping[str, str]) -> Rule:
    return Rule(**entry)  # type: ignore[arg-type]
