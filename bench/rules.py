"""Ten quality rules within the conversion, against the conversion without any."""

from __future__ import annotations

from pathlib import Path

from bench.budget import Result
from bench.conversion import staged
from bench.orders import RULES, declared, written
from bench.race import race


def measured(folder: Path, rounds: int) -> list[Result]:
    file = written(folder / "data", "csv")
    plain, ruled = declared("csv"), declared("csv", rules=len(RULES))
    found = race(rounds, lambda: staged(file, ruled, folder), lambda: staged(file, plain, folder))
    return [Result("rules", round(1 / found.ratio, 2), found.details)]
