"""An object version as the ledger keeps it: what arrived, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from lake.core.arrival import Arrival
from lake.core.fate import Recorded


@dataclass(frozen=True, slots=True)
class Entry:
    """An arrival with the batch that owns it. `end`, `reason` and `message` are set only for exceptional ends."""

    arrival: Arrival
    batch: str = ""
    end: str = ""
    reason: str = ""
    message: str = ""

    @property
    def recorded(self) -> Recorded:
        return Recorded(self.arrival.sequencer, self.arrival.kind, self.batch, self.end, self.reason)
