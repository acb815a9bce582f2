"""Two ways of one work, in turns: what disturbs the machine disturbs both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Lap:
    """Seconds on the clock, and seconds of this process on the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Race:
    """The laps of both. A ratio above 1 says that ours is faster."""

    ours: tuple[Lap, ...]
    anchor: tuple[Lap, ...]

    @property
    def ratio(self) -> float:
        return median(lap.wall for lap in self.anchor) / median(lap.wall for lap in self.ours)

    @property
    def details(self) -> dict[str, object]:
        return {
            "rounds": len(self.ours),
            "ours_s": _middle(self.ours, "wall"),
            "anchor_s": _middle(self.anchor, "wall"),
            "ours_cpu_s": _middle(self.ours, "cpu"),
            "anchor_cpu_s": _middle(self.anchor, "cpu"),
        }


def race(rounds: int, ours: Work, anchor: Work) -> Race:
    """Run both `rounds` times, each first in every other round."""
    laps: dict[Work, list[Lap]] = {ours: [], anchor: []}
    for number in range(rounds):
        for work in (ours, anchor) if number % 2 == 0 else (anchor, ours):
            laps[work].append(lap(work))
    return Race(tuple(laps[ours]), tuple(laps[anchor]))


def lap(work: Work) -> Lap:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Lap(time.perf_counter() - wall, time.process_time() - cpu)


def _middle(laps: tuple[Lap, ...], clock: str) -> float:
    return round(float(median(getattr(lap, clock) for lap in laps)), 3)
