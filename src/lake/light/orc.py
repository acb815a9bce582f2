"""ORC objects: written again as Parquet, stripe by stripe, and then read like any Parquet.

The library that reads ORC has no room in a function's package; where this runs, Glue has brought it.
Format: https://orc.apache.org/specification/ORCv1/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lake.core.errors import Rejected
from lake.light.crew import Crew
from lake.light.orc_footer import times_in
from lake.light.pipeline import Pipeline
from lake.light.stage import Staged
from lake.light.tables import stage_tables
from lake.light.texts import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FURTHEST = 2**63 // 10**6 - 1
"""Milliseconds from 1970 that Arrow's nanoseconds reach, either way: from September 1677 to April 2262."""


def stage_orc(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
    """Stage all sources of the pipeline as ORC."""
    sources, refused = [], {}
    for place, source in enumerate(pipeline.sources):
        copy = crew.scratch / f"o{place:05}.parquet"
        try:
            write_as_parquet(source.path, copy)
        except Rejected as error:
            refused[place] = Refused(place, error.reason, str(error))
            copy = source.path
        sources.append(replace(source, path=copy))
    for answer in stage_tables(crew, replace(pipeline, sources=sources)):
        # what could not be read as ORC is no Parquet either, and is refused for what it is
        yield refused.get(answer.source, answer) if isinstance(answer, Refused) else answer


def write_as_parquet(source: Path, to: Path) -> None:
    """One stripe is in memory at a time. Raises Rejected: CORRUPT, RANGE, FORMAT."""
    try:
        from pyarrow import ArrowException, parquet
        from pyarrow.orc import ORCFile
    except ModuleNotFoundError as error:
        raise Rejected(
            "FORMAT", "ORC is read on stage A's larger machine, which has pyarrow; here it is not"
        ) from error
    try:
        with source.open("rb") as opened:
            file = ORCFile(opened)
            _require_times(source, file)
            with parquet.ParquetWriter(to, file.schema, compression="zstd") as writer:
                for number in range(file.nstripes):
                    writer.write_batch(file.read_stripe(number))
    except (ArrowException, OSError) as error:
        said = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        raise Rejected("CORRUPT", f"the object is not readable ORC; is it whole? {said}") from error


def _require_times(source: Path, file: object) -> None:
    try:
        found = times_in(source, file)
    except (IndexError, KeyError, ValueError) as error:
        raise Rejected("CORRUPT", f"the object is not readable ORC: its footer breaks off: {error}") from error
    for one in found:
        if one.between is None:
            raise Rejected(
                "RANGE", f"column {one.column} holds times, and the file's statistics do not say between which"
            )
        if min(one.between) < -FURTHEST or max(one.between) > FURTHEST:
            first, last = (_shown(time) for time in one.between)
            raise Rejected(
                "RANGE",
                f"column {one.column} holds times from {first} to {last}; only those from 1677 to 2262 are kept "
                "exactly. Write it as Parquet, with timestamps in microseconds",
            )


def _shown(milliseconds: int) -> str:
    try:
        return f"{EPOCH + timedelta(milliseconds=milliseconds):%Y-%m-%d}"
    except OverflowError:
        return f"{milliseconds} ms after 1970"
