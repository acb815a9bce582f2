"""Parquet objects of a batch through the engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lake.core.errors import Rejected
from lake.light.crew import Crew
from lake.light.dialect import Dialect
from lake.light.engine import EngineError
from lake.light.parquet import NANOSECONDS, parquet_columns, unreadable
from lake.light.part import Part, Piece
from lake.light.pipeline import Pipeline
from lake.light.stage import Staged
from lake.light.texts import Refused
from lake.light.transform import transformed

ROWS = 500_000
"""Files are read together up to this many rows."""


def stage_tables(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
    """Stage all sources of the pipeline as Parquet."""
    groups: dict[tuple[tuple[str, str], ...], list[list[Piece]]] = {}
    with crew.engine() as engine:
        for place, source in enumerate(pipeline.sources):
            try:
                shape, rows = parquet_columns(engine, source.path, pipeline.schema)
            except Rejected as error:
                yield Refused(place, error.reason, str(error))
                continue
            piece = Piece(source.path, place, source.path, 0, rows)
            parts = groups.setdefault(shape, [[]])
            if parts[-1] and sum(one.records for one in parts[-1]) + rows > ROWS:
                parts.append([])
            parts[-1].append(piece)
    columns = tuple(column.name for column in pipeline.schema)
    places = tuple(column.place for column in pipeline.schema)
    whole = Part("parquet", (), columns, Dialect(), counted=True, places=places)
    made = [_counting(whole.of(part), shape) for shape, parts in groups.items() for part in parts]

    def work(engine: Any, unit: tuple[int, Part]) -> list[Staged | Refused]:
        place, part = unit
        return _staged(engine, pipeline, part, crew, f"part-{place:05}")

    for future in [crew.submit(work, unit) for unit in enumerate(made)]:
        yield from future.result()


def _counting(part: Part, shape: Sequence[tuple[str, str]]) -> Part:
    """The part, told which of its columns the files' shape counts in nanoseconds."""
    return replace(part, in_nanoseconds=frozenset(name for name, kind in shape if NANOSECONDS.search(kind)))


def _staged(engine: Any, pipeline: Pipeline, part: Part, crew: Crew, name: str) -> list[Staged | Refused]:
    """A part at once; halved where it fails, until the file that cannot be read stands alone."""
    try:
        return list(transformed(engine, pipeline, part, crew.scratch / name, patient=len(part.pieces) == 1))
    except EngineError as error:
        if len(part.pieces) == 1:
            (piece,) = part.pieces
            return [Refused(piece.source, "CORRUPT", unreadable(error, piece.path))]
    half = len(part.pieces) // 2
    left = _staged(engine, pipeline, part.of(part.pieces[:half]), crew, name + "a")
    return left + _staged(engine, pipeline, part.of(part.pieces[half:]), crew, name + "b")
