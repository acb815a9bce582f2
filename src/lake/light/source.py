"""One object of a batch, on local disk, ready to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """The pinned version of an object, downloaded to `path`; the rest is the provenance that its rows carry."""

    path: Path
    key: str
    sequencer: str
    ingested_at: datetime
    size: int

    @property
    def moment(self) -> str:
        """When S3 took the object, as a SQL timestamp literal's text, in UTC."""
        at = self.ingested_at
        return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M:%S.%f")
