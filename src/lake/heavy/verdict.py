"""All rules of zone analytics, each judged once: row rules on the run's rows, set rules on the table as it would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from lake.core.errors import LakeError
from lake.core.quality import Outcome, Rule, RuleOutcome
from lake.core.run import Status
from lake.heavy.deequ import Opinion, opinions
from lake.heavy.split import Split, breaks, is_waived

TRUE_OF_NOTHING = ("IsComplete", "Completeness", "IsUnique", "ColumnLength", "ColumnValues")
"""DQDL rules about each value: no value, no complaint. Deequ calls an empty table a failure."""


class EnginesDisagree(LakeError):
    """Two engines read one rule differently, so neither may be believed."""


def verdicts(
    rules: Sequence[Rule], parts: Sequence[Split], table: DataFrame, rows: int, today: date
) -> tuple[RuleOutcome, ...]:
    """Judge every rule of zone analytics. `table` holds `rows` rows and is what readers would see."""
    judged = [rule for rule in rules if rule.zone == "analytics"]
    live = [rule for rule in judged if not is_waived(rule, today)]
    by_deequ = [rule.dqdl for rule in live if rule.engine == "deequ" and (rows or not _vacuous(rule))]
    heard = opinions(table, by_deequ)
    measured = _measures(table, [rule for rule in live if rule.kind == "set" and rule.engine == "sql"])
    old = _broken_in_table(table, [rule for rule in live if _needs_recount(rule, parts, heard)])
    outcomes = []
    for rule in judged:
        if rule not in live:
            outcomes.append(_outcome(rule, "none", "waived", f"waived until {rule.waived_until}"))
        elif rule.kind == "row":
            outcomes.append(_row_outcome(rule, _broken(rule, parts), heard.get(rule.dqdl), old))
        else:
            outcomes.append(_set_outcome(rule, heard.get(rule.dqdl), measured))
    return tuple(outcomes)


def halting(parts: Sequence[Split], rules: Sequence[Rule]) -> bool:
    """Whether a row rule under `halt` already forbids the run."""
    return any(rule.on_fail == "halt" and _broken(rule, parts) for rule in rules)


def status_of(outcomes: Sequence[RuleOutcome], rules: Sequence[Rule]) -> Status:
    """What the failed rules do to the run. A row rule under `quarantine` has set its rows aside already."""
    sets = {rule.id for rule in rules if rule.kind == "set"}
    failed = [one for one in outcomes if one.outcome == "failed"]
    if any(one.on_fail == "halt" for one in failed):
        return "halted"
    if any(one.on_fail == "quarantine" and one.rule in sets for one in failed):
        return "set aside"
    return "published"


def message_of(outcomes: Sequence[RuleOutcome], status: Status) -> str:
    """Which rules stopped the run, and why; empty when none did."""
    if status == "published":
        return ""
    stopping = ("halt",) if status == "halted" else ("quarantine",)
    return "; ".join(
        f"{one.dqdl}: {one.reason}" for one in outcomes if one.outcome == "failed" and one.on_fail in stopping
    )


def without_table(rules: Sequence[Rule], parts: Sequence[Split], today: date) -> tuple[RuleOutcome, ...]:
    """The row rules alone, for a run that stops before it writes."""
    live = [rule for rule in rules if rule.zone == "analytics" and rule.kind == "row" and not is_waived(rule, today)]
    return tuple(_row_outcome(rule, _broken(rule, parts), None, {}) for rule in live)


def _broken(rule: Rule, parts: Sequence[Split]) -> int:
    return sum(part.broken.get(rule.id, 0) for part in parts)


def _vacuous(rule: Rule) -> bool:
    return rule.dqdl.split(maxsplit=1)[0] in TRUE_OF_NOTHING


def _measures(table: DataFrame, rules: Sequence[Rule]) -> dict[str, bool | None]:
    if not rules:
        return {}
    row = table.agg(*(fn.expr(rule.measure).alias(f"m{number}") for number, rule in enumerate(rules))).first()
    assert row is not None, "an aggregate without groups has one row"
    return {rule.id: row[f"m{number}"] for number, rule in enumerate(rules)}


def _needs_recount(rule: Rule, parts: Sequence[Split], heard: Mapping[str, Opinion]) -> bool:
    """Deequ found bad rows where this run left none: rows that were published before, or a disagreement."""
    opinion = heard.get(rule.dqdl)
    left = _broken(rule, parts) if rule.on_fail != "quarantine" else 0
    return rule.kind == "row" and opinion is not None and opinion.said == "failed" and not left


def _broken_in_table(table: DataFrame, rules: Sequence[Rule]) -> dict[str, int]:
    if not rules:
        return {}
    row = table.agg(*(fn.count_if(breaks(rule)).alias(f"b{number}") for number, rule in enumerate(rules))).first()
    assert row is not None, "an aggregate without groups has one row"
    found = {rule.id: int(row[f"b{number}"]) for number, rule in enumerate(rules)}
    for rule in rules:
        if not found[rule.id]:
            raise EnginesDisagree(
                f"Deequ says that rows break {rule.dqdl}, but its predicate finds none: {rule.predicate}. "
                "Nothing was published. Word the rule differently, and report the pair."
            )
    return found


def _row_outcome(rule: Rule, broken: int, opinion: Opinion | None, old: Mapping[str, int]) -> RuleOutcome:
    engine = "sql+deequ" if opinion is not None and opinion.said != "silent" else "sql"
    metrics = opinion.metrics if opinion else {}
    earlier = old.get(rule.id, 0)
    said = []
    if broken:
        said.append(f"{broken} row{'s' if broken > 1 else ''} of this run {'break' if broken > 1 else 'breaks'} it")
    if earlier:
        said.append(f"{earlier} published before {'break' if earlier > 1 else 'breaks'} it")
    outcome: Outcome = "failed" if said else "passed"
    # What was published before cannot be undone by stopping this run, so it is told and stops nothing.
    on_fail = rule if broken else _told(rule, earlier)
    return _outcome(on_fail, engine, outcome, ", ".join(said), broken, metrics)


def _told(rule: Rule, earlier: int) -> Rule:
    return Rule(**{name: getattr(rule, name) for name in rule.__slots__} | {"on_fail": "warn"}) if earlier else rule


def _set_outcome(rule: Rule, opinion: Opinion | None, measured: Mapping[str, bool | None]) -> RuleOutcome:
    if rule.engine == "sql":
        verdict = measured[rule.id]
        reason = "" if verdict else "the table has no value to judge" if verdict is None else "the measure is false"
        return _outcome(rule, "sql", "passed" if verdict else "failed", reason)
    if opinion is None:
        return _outcome(rule, "deequ", "passed", "the table would be empty")
    return _outcome(
        rule, "deequ", "passed" if opinion.said == "passed" else "failed", opinion.reason, 0, opinion.metrics
    )


def _outcome(
    rule: Rule,
    engine: str,
    outcome: Outcome,
    reason: str = "",
    failed_rows: int = 0,
    metrics: Mapping[str, float] | None = None,
) -> RuleOutcome:
    return RuleOutcome(
        rule=rule.id,
        dqdl=rule.dqdl,
        zone=rule.zone,
        on_fail=rule.on_fail,
        engine=engine,
        outcome=outcome,
        reason=reason,
        failed_rows=failed_rows,
        metrics=dict(metrics or {}),
    )
