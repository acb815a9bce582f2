"""Row rules: which rows of a run may be published, which are set aside, and the numbers that must add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from lake.core.quality import Rule
from lake.heavy.shape import PROVENANCE_NAMES, quoted

MARK = "_broken_"
ASIDE = f"{MARK}any"
"""Marks on rows: `_broken_<n>` for the n-th rule, and whether a rule under quarantine is among the broken ones."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that one object version gave, and how many were set aside; the key is "" where rows have no object."""

    key: str
    sequencer: str
    rows: int
    aside: int


@dataclass(frozen=True, slots=True)
class Split:
    """A run's rows, counted. `broken` counts the rows that break a rule, by its id."""

    rows: DataFrame
    versions: tuple[Counted, ...]
    broken: Mapping[str, int]

    @property
    def good(self) -> DataFrame:
        rows = self.rows.where(~fn.col(ASIDE))
        return rows.select(*(quoted(name) for name in rows.columns if not name.startswith(MARK)))

    @property
    def aside(self) -> DataFrame:
        """With their marks: which rules each of them breaks."""
        return self.rows.where(fn.col(ASIDE))

    @property
    def rows_given(self) -> int:
        return sum(version.rows for version in self.versions)

    @property
    def rows_aside(self) -> int:
        return sum(version.aside for version in self.versions)

    @property
    def set_aside(self) -> tuple[tuple[str, str, int], ...]:
        return tuple((one.key, one.sequencer, one.aside) for one in self.versions if one.key and one.aside)


def is_waived(rule: Rule, today: date) -> bool:
    return bool(rule.waived_until) and today <= date.fromisoformat(rule.waived_until)


def is_deterministic(rows: DataFrame) -> bool:
    return bool(rows._jdf.queryExecution().analyzed().deterministic())


def row_rules(rules: Sequence[Rule], today: date) -> list[Rule]:
    """The row rules that this run judges."""
    return [rule for rule in rules if rule.zone == "analytics" and rule.kind == "row" and not is_waived(rule, today)]


def breaks(rule: Rule) -> Column:
    """True for a row that breaks the rule. A predicate without an answer has not said that the row is good."""
    return ~fn.coalesce(fn.expr(rule.predicate), fn.lit(False))


def marked(rows: DataFrame, rules: Sequence[Rule]) -> DataFrame:
    """Rows with a mark for each rule that they break, and one for those that are to be set aside."""
    marks = [breaks(rule).alias(f"{MARK}{number}") for number, rule in enumerate(rules)]
    aside = fn.lit(False)
    for number, rule in enumerate(rules):
        if rule.on_fail == "quarantine":
            aside = aside | fn.col(f"{MARK}{number}")
    return rows.select("*", *marks).withColumn(ASIDE, aside)


def split(rows: DataFrame, rules: Sequence[Rule], keep: bool) -> Split:
    """Mark and count the rows in one pass. What is costly to make again, or might come out differently, is kept;
    the caller releases `rows` when the run is done."""
    kept = marked(rows, rules)
    if keep or not is_deterministic(kept):
        kept = kept.persist()
    version = [fn.col(name) if name in rows.columns else fn.lit(None) for name in PROVENANCE_NAMES[:2]]
    counts = [fn.count_if(fn.col(f"{MARK}{number}")).alias(f"{MARK}{number}") for number in range(len(rules))]
    groups = kept.groupBy(*(one.cast("string").alias(name) for one, name in zip(version, ("k", "s"), strict=True)))
    found = groups.agg(fn.count(fn.lit(1)).alias("n"), fn.count_if(fn.col(ASIDE)).alias("a"), *counts).collect()
    return Split(
        rows=kept,
        versions=tuple(Counted(row["k"] or "", row["s"] or "", row["n"], row["a"]) for row in found),
        broken={rule.id: sum(row[f"{MARK}{number}"] for row in found) for number, rule in enumerate(rules)},
    )


def reasons(rules: Sequence[Rule]) -> tuple[Column, Column]:
    """For a row set aside: the ids of the rules that it breaks, and their texts."""
    broken = [(fn.col(f"{MARK}{number}"), rule) for number, rule in enumerate(rules) if rule.on_fail == "quarantine"]
    ids = fn.concat_ws(", ", *(fn.when(mark, fn.lit(rule.id)) for mark, rule in broken))
    texts = fn.concat_ws("; ", *(fn.when(mark, fn.lit(rule.dqdl)) for mark, rule in broken))
    return ids, texts


def as_json(rows: DataFrame) -> Column:
    """A row's own cells as JSON, nulls included, provenance and marks left out."""
    cells = [
        fn.col(quoted(name)) for name in rows.columns if name not in PROVENANCE_NAMES and not name.startswith(MARK)
    ]
    return fn.to_json(fn.struct(*cells), {"ignoreNullFields": "false"})
