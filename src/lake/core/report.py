"""What stage A found in a batch, object by object: the numbers that must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lake.core.quality import RuleOutcome


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """Rows of one object: in = staged + rejected + filtered, always.

    `rejected` rows broke the contract or a row rule and lie in the batch's rejected file; `filtered` rows were
    dropped on purpose by the light transform. A whole object that cannot be read has a `reason` and no rows.
    """

    key: str
    sequencer: str
    rows_in: int = 0
    rows_staged: int = 0
    rows_rejected: int = 0
    rows_filtered: int = 0
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class BatchReport:
    objects: tuple[ObjectReport, ...]
    rules: tuple[RuleOutcome, ...] = ()

    @property
    def rows_in(self) -> int:
        return sum(one.rows_in for one in self.objects)

    @property
    def rows_staged(self) -> int:
        return sum(one.rows_staged for one in self.objects)

    @property
    def rows_rejected(self) -> int:
        return sum(one.rows_rejected for one in self.objects)


def report_to_json(report: BatchReport) -> dict[str, Any]:
    return asdict(report)


def report_from_json(entry: Mapping[str, Any]) -> BatchReport:
    return BatchReport(
        objects=tuple(ObjectReport(**one) for one in entry["objects"]),
        rules=tuple(RuleOutcome(**one) for one in entry["rules"]),
    )
