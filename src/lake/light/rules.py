"""Rules of the stage zone: which are enforced on this batch, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lake.core.contract import PROVENANCE
from lake.core.dataset import Dataset
from lake.core.quality import Outcome, Rule, RuleOutcome
from lake.light.sql import quoted, sql_type, text


def stage_rules(dataset: Dataset) -> tuple[Rule, ...]:
    return tuple(rule for rule in dataset.rules if rule.zone == "stage")


def waived(rule: Rule, day: date) -> bool:
    """A waiver holds up to and with its day."""
    return bool(rule.waived_until) and date.fromisoformat(rule.waived_until) >= day


def enforced(dataset: Dataset, day: date) -> tuple[Rule, ...]:
    """Row rules that set rows aside."""
    rules = (rule for rule in stage_rules(dataset) if rule.kind == "row" and not waived(rule, day))
    return tuple(rule for rule in rules if rule.on_fail != "warn")


def outcomes(
    engine: Any, dataset: Dataset, day: date, files: Sequence[Path], broken: Mapping[str, int]
) -> tuple[RuleOutcome, ...]:
    """Every rule once. `broken` counts the rows that enforced rules set aside; what is staged judges the others."""
    rules = stage_rules(dataset)
    set_aside = {rule.id for rule in enforced(dataset, day)}
    asked = [rule for rule in rules if rule.id not in set_aside]
    answers: dict[str, object] = {}
    if asked:
        wanted = ", ".join(_question(rule) for rule in asked)
        row = engine.execute(f"SELECT {wanted} FROM ({staged_rows(dataset, files)})").fetchone()
        answers = {rule.id: answer for rule, answer in zip(asked, row, strict=True)}
    return tuple(_outcome(rule, waived(rule, day), rule.id in set_aside, broken, answers) for rule in rules)


def staged_rows(dataset: Dataset, files: Sequence[Path]) -> str:
    if files:
        return f"SELECT * FROM read_parquet([{', '.join(text(str(file)) for file in files)}])"
    columns = (*dataset.staged, *PROVENANCE)
    empty = ", ".join(f"NULL::{sql_type(column.type)} AS {quoted(column.name)}" for column in columns)
    return f"SELECT {empty} WHERE false"


def _question(rule: Rule) -> str:
    if rule.kind == "row":
        return f"count(*) FILTER (WHERE NOT coalesce({rule.predicate}, false))"
    return f"coalesce(({rule.measure}), false)"


def _outcome(
    rule: Rule, is_waived: bool, is_enforced: bool, broken: Mapping[str, int], answers: Mapping[str, object]
) -> RuleOutcome:
    if rule.kind == "row":
        failed = broken.get(rule.id, 0) if is_enforced else int(str(answers[rule.id]))
        passed, reason = failed == 0, f"{failed} rows break it" if failed else ""
    else:
        failed, passed = 0, bool(answers[rule.id])
        reason = "" if passed else "the batch as a whole breaks it"
    outcome: Outcome = "waived" if is_waived else "passed" if passed else "failed"
    return RuleOutcome(rule.id, rule.dqdl, rule.zone, rule.on_fail, rule.engine, outcome, reason, failed)
