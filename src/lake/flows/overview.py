"""Where the datasets stand: what waits, what runs, how the last runs ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lake.core.gathering import Head
from lake.core.run import Run
from lake.gateways.ledger import Ledger
from lake.gateways.registry import Registry


@dataclass(frozen=True, slots=True)
class DatasetOverview:
    """`waiting_since` is when the oldest staged batch began to wait for a run."""

    path: str
    config: str
    waiting_batches: int
    waiting_objects: int
    waiting_since: datetime | None
    head: Head
    runs: tuple[Run, ...]


def overview_of(ledger: Ledger, registry: Registry, path: str, most_runs: int = 5) -> DatasetOverview:
    """One dataset; the newest runs first."""
    waiting = ledger.batches.waiting(path)
    objects = {one.batch: one.objects for one in waiting if not one.is_input}  # a replayed batch may wait twice
    return DatasetOverview(
        path=path,
        config=registry.current(path),
        waiting_batches=len(objects),
        waiting_objects=sum(objects.values()),
        waiting_since=min((one.staged_at for one in waiting), default=None),
        head=ledger.runs.head(path),
        runs=tuple(ledger.runs.newest(path, most_runs)),
    )


def team_overview(ledger: Ledger, registry: Registry, team: str, most_runs: int = 5) -> list[DatasetOverview]:
    """Every registered dataset of a team, by name."""
    return [overview_of(ledger, registry, f"{team}/{name}", most_runs) for name in registry.datasets(team)]


def unclaimed_count(ledger: Ledger) -> int:
    """Objects that no dataset claims."""
    return ledger.unclaimed.count()
