"""Delimited objects of a batch through the engines: fast where all is well, slow and exact where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lake.core.errors import Rejected
from lake.light.aside import LONGEST, Aside, write_aside
from lake.light.crew import Crew
from lake.light.delimited import WHOLE, Delimited, Examined, clean_part, examined, grouped, opened, parts_of
from lake.light.dialect import dialect_of
from lake.light.engine import EngineError
from lake.light.part import Part
from lake.light.pipeline import Pipeline
from lake.light.record import Record
from lake.light.slices import Suspicious, slices_of
from lake.light.stage import Miscounted, Staged
from lake.light.transform import transformed


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that ends as rejected."""

    source: int
    reason: str
    message: str


Answers = list[Staged | Refused]


def stage_texts(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
    """Stage all sources of the pipeline as delimited text."""
    small: list[Examined] = []
    large: list[Delimited] = []
    for place in range(len(pipeline.sources)):
        try:
            if (text := _opened(crew, pipeline, place)) is None:
                continue
            if text.size > WHOLE:
                large.append(text)
            else:
                small.append(examined(text))
        except Rejected as error:
            yield Refused(place, error.reason, str(error))
    units = [[one] for one in small if one.suspicious]
    units += grouped([one for one in small if not one.suspicious])
    groups = [
        crew.submit(partial(_staged, pipeline), (group, crew.scratch / f"p{n:05}")) for n, group in enumerate(units)
    ]
    objects = [_submitted(crew, pipeline, text) for text in large]
    for future in groups:
        yield from future.result()
    for text, slices in zip(large, objects, strict=True):
        yield from _of_slices(crew, pipeline, text, slices)


def _opened(crew: Crew, pipeline: Pipeline, place: int) -> Delimited | None:
    dialect = dialect_of(pipeline.dataset.source.options)
    return opened(place, pipeline.sources[place].path, pipeline.schema, dialect, crew.scratch / f"t{place:05}")


def _submitted(crew: Crew, pipeline: Pipeline, text: Delimited) -> list[Future[Answers]] | Rejected | None:
    """Slices are converted while the next one is cut; None if the text cannot be read in slices."""
    futures = []
    try:
        for number, part in enumerate(slices_of(text, crew.scratch / f"s{text.source:05}")):
            out = crew.scratch / f"s{text.source:05}-{number:03}"
            futures.append(crew.submit(partial(_slice, pipeline), (part, out)))
    except Suspicious:
        return None
    except Rejected as error:
        return error
    return futures


def _slice(pipeline: Pipeline, engine: Any, task: tuple[Part, Path]) -> Answers:
    part, out = task
    answers: Answers = list(transformed(engine, pipeline, part, out))
    part.pieces[0].path.unlink()
    return answers


def _of_slices(
    crew: Crew, pipeline: Pipeline, text: Delimited, slices: list[Future[Answers]] | Rejected | None
) -> Answers:
    if isinstance(slices, Rejected):
        return [Refused(text.source, slices.reason, str(slices))]
    try:
        if slices is not None:
            return [answer for future in slices for answer in future.result()]
    except (EngineError, Miscounted):
        wait(slices or [])
    try:
        group = [examined(text)]
    except Rejected as error:
        return [Refused(text.source, error.reason, str(error))]
    return crew.submit(partial(_staged, pipeline), (group, crew.scratch / f"w{text.source:05}")).result()


def _staged(pipeline: Pipeline, engine: Any, task: tuple[list[Examined], Path]) -> Answers:
    """A group at once; halved where it fails, until the object that is not well-formed stands alone."""
    group, out = task
    if not group[0].suspicious:
        for part in parts_of(group, out):
            with suppress(EngineError, Miscounted):
                return list(transformed(engine, pipeline, part, out))
        if len(group) > 1:
            half = len(group) // 2
            left = _staged(pipeline, engine, (group[:half], out.with_name(out.name + "a")))
            return left + _staged(pipeline, engine, (group[half:], out.with_name(out.name + "b")))
    try:
        return list(_slowly(engine, pipeline, group[0].text, out))
    except Rejected as error:
        return [Refused(group[0].text.source, error.reason, str(error))]


def _slowly(engine: Any, pipeline: Pipeline, text: Delimited, out: Path) -> Iterator[Staged]:
    out = out.with_name(out.name + "s")
    part, problems, _ = clean_part(text, out.with_suffix(".clean.csv"))
    if part.pieces[0].records:
        try:
            yield from transformed(engine, pipeline, part, out, patient=True)
        except EngineError as error:
            said = str(error).splitlines()[0][:300]
            raise Rejected("CORRUPT", f"the text cannot be read: {said}") from error
    if problems:
        yield _problems(engine, part, problems, out.with_suffix(".problems.parquet"))


def _problems(engine: Any, part: Part, problems: Sequence[Record], path: Path) -> Staged:
    source = part.pieces[0].source
    rows = (
        Aside(source, one.number, one.line, "contract", f"line {one.line}: {one.problem}", _shown(one.raw))
        for one in problems
    )
    count = write_aside(engine, rows, path)
    return Staged(None, path, {source: count}, {}, {source: count})


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "ignore") if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore") + "…"
