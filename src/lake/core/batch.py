"""Arrivals become batches: the unit that is staged, counted and run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from lake.core.arrival import Arrival

State = Literal["made", "sent", "staged", "assigned"]
Kind = Literal["arrival", "replay", "repair", "backfill"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as the ledger keeps it; its list of objects lies in S3 at `manifest_key`.

    The item is made before its objects are claimed, sent once its message is on the queue, staged once its file
    counts, assigned once a run has taken it. Every step is conditional on the one before.
    `at` is when S3 took the newest of its objects. `run` names the run that took it, "" before.
    """

    team: str
    dataset: str
    id: str
    config: str
    objects: int
    bytes: int
    at: datetime
    state: State = "made"
    generation: int = 1
    kind: Kind = "arrival"
    rows_in: int = 0
    rows_staged: int = 0
    rows_rejected: int = 0
    run: str = ""

    @property
    def path(self) -> str:
        return f"{self.team}/{self.dataset}"

    @property
    def ingest_date(self) -> date:
        return self.at.date()

    @property
    def manifest_key(self) -> str:
        return f"{self.path}/manifests/{self.id}.json"

    @property
    def staged_key(self) -> str:
        return f"{self.path}/staged/dt={self.ingest_date}/{self.id}.{self.generation}.parquet"

    @property
    def rejected_key(self) -> str:
        return f"{self.path}/rejected/dt={self.ingest_date}/{self.id}.{self.generation}.parquet"

    @property
    def report_key(self) -> str:
        return f"{self.path}/reports/{self.id}.{self.generation}.json"


def batch_id(arrivals: Sequence[Arrival]) -> str:
    """A name fixed by what is in the batch, whatever its order, and sorted by time.

    The same arrivals give the same name, so a second attempt continues the first instead of doubling it.
    """
    identities = sorted(f"{arrival.key_hash}#{arrival.identity}" for arrival in arrivals)
    digest = hashlib.sha256("\n".join(identities).encode()).hexdigest()[:16]
    newest = max(arrival.at for arrival in arrivals)
    return f"{newest:%Y%m%dT%H%M%S}-{digest}"


def batches_of(arrivals: Iterable[Arrival], most_objects: int, most_bytes: int) -> Iterator[list[Arrival]]:
    """Cut arrivals of one dataset into batches that hold to both limits; one larger object stands alone."""
    batch: list[Arrival] = []
    size = 0
    for arrival in sorted(set(arrivals), key=lambda one: (one.at, one.key, one.identity)):
        if batch and (len(batch) >= most_objects or size + arrival.size > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += arrival.size
    if batch:
        yield batch
