"""The table of readers: one for each format that objects may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lake.light.crew import Crew
from lake.light.pipeline import Pipeline
from lake.light.stage import Staged
from lake.light.tables import stage_tables
from lake.light.texts import Refused, stage_texts

Reader = Callable[[Crew, Pipeline], Iterator[Staged | Refused]]

READERS: dict[str, Reader] = {"csv": stage_texts, "parquet": stage_tables}
