"""Targets, and whether a figure meets its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("budget.json")


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach: at least `least`, or at most `most`. `goal` is what we would like."""

    title: str
    unit: str
    goal: float
    least: float | None = None
    most: float | None = None

    @property
    def limit(self) -> float:
        return self.least if self.least is not None else self.most or 0.0

    def met_by(self, figure: float) -> bool:
        return figure >= self.limit if self.least is not None else figure <= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """One figure beside its target. `details` say what it was computed from."""

    name: str
    figure: float
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        return targets()[self.name]

    @property
    def met(self) -> bool:
        return self.target.met_by(self.figure)


@cache
def targets() -> Mapping[str, Target]:
    return {name: Target(**entry) for name, entry in json.loads(FILE.read_text()).items()}
