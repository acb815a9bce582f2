"""Ages: how old what readers see is, and how long what arrived has waited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from lake.core.run import Run
from lake.gateways.ledger import Ledger
from lake.gateways.metrics import Measure
from lake.gateways.registry import Registry, dataset_of

RUNS = 50
"""So far back the last good run is looked for; if all failed since, the oldest of them gives an age that is too low."""
UNCLAIMED = 1000
"""So many unclaimed objects are looked at; where there are more, the number says so by being this."""


def of_team(ledger: Ledger, registry: Registry, team: str, now: datetime) -> Iterator[Measure]:
    """How long the team's oldest staged batch has waited, and the age of each dataset that promises a freshness."""
    longest = 0.0
    for name in registry.datasets(team):
        path = f"{team}/{name}"
        longest = max([longest, *((now - one.staged_at).total_seconds() for one in ledger.batches.waiting(path))])
        age = _age(ledger, path, now) if _promises(registry, path) else None
        if age is not None:
            yield Measure("AgeSeconds", age, "Seconds", (("Team", team), ("Dataset", name)))
    yield Measure("WaitingSeconds", longest, "Seconds", (("Team", team),))


def of_unclaimed(ledger: Ledger, now: datetime) -> Iterator[Measure]:
    """How many objects no dataset claims, and for how long the oldest of them."""
    since = [one.since for one in islice(ledger.unclaimed.under(""), UNCLAIMED)]
    oldest = (now - min(since)).total_seconds() if since else 0.0
    yield Measure("UnclaimedObjects", len(since), "Count")
    yield Measure("UnclaimedSeconds", oldest, "Seconds")


def _promises(registry: Registry, path: str) -> bool:
    current = registry.current(path)
    return bool(current) and dataset_of(registry, path, current).freshness > 0


def _age(ledger: Ledger, path: str, now: datetime) -> float | None:
    """Seconds since a run last left the table up to date; None before the first run."""
    runs = ledger.runs.newest(path, RUNS)
    good = next((run for run in runs if run.status in ("published", "nothing")), None)
    if good is not None:
        return (now - _end(good)).total_seconds()
    return (now - _end(runs[-1])).total_seconds() if runs else None


def _end(run: Run) -> datetime:
    return run.ended_at or run.started_at
