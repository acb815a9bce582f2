"""Objects that Python reads record by record: written down as exact text in sheets, which the engines convert.

Reading goes on while sheets are converted. Memory and disk hold a few sheets, however large an object is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lake.core.contract import Column
from lake.core.errors import Rejected
from lake.light.aside import LONGEST, Aside, write_aside
from lake.light.crew import Crew
from lake.light.dialect import Dialect, dialect_of
from lake.light.engine import EngineError
from lake.light.packing import unpacked
from lake.light.part import Part, Piece
from lake.light.pipeline import Pipeline
from lake.light.relation import NEVER
from lake.light.row import Document, Read, Row
from lake.light.stage import Staged
from lake.light.texts import Answers, Refused
from lake.light.transform import transformed

SHEET = 24 << 20
"""Bytes of one sheet; small objects are converted together up to this size."""
MOST_ASIDE = 2_000
"""A sheet ends when so many rows are set aside: they wait in memory."""
TOGETHER = 200
"""Objects that are converted together, at most."""


@dataclass(slots=True)
class Sheet:
    """Rows of one object as text, and those that Python set aside."""

    path: Path
    source: int
    records: int = 0
    asides: list[Aside] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0


def stage_rows(
    read: Read, crew: Crew, pipeline: Pipeline, places: Sequence[int] | None = None
) -> Iterator[Staged | Refused]:
    """Stage the sources at these places of the pipeline, or all, with this reader."""
    desk = _Desk(read, crew, pipeline)
    for place in range(len(pipeline.sources)) if places is None else places:
        yield from desk.take(place)
    yield from desk.close()


class _Desk:
    """Hands sheets to the engines, not many at a time, and gives back what became of them."""

    def __init__(self, read: Read, crew: Crew, pipeline: Pipeline) -> None:
        self._read, self._crew, self._pipeline = read, crew, pipeline
        self._small: list[Sheet] = []
        self._running: list[Future[Answers]] = []
        self._groups: list[Future[Answers]] = []
        self._count = 0

    def take(self, place: int) -> Iterator[Staged | Refused]:
        """Read one object; an object that proves unreadable gives nothing, whatever was converted of it."""
        futures: list[Future[Answers]] = []
        try:
            for sheet, last in sheets_of(self._read, self._pipeline, place, self._crew.scratch):
                if last and not futures:
                    yield from self._keep(sheet)
                else:
                    futures.append(self._submit([sheet]))
        except Rejected as error:
            wait(futures)
            yield Refused(place, error.reason, str(error))
            return
        answers = [answer for future in futures for answer in future.result()]
        yield from [one for one in answers if isinstance(one, Refused)][:1] or answers

    def close(self) -> Iterator[Staged | Refused]:
        if self._small:
            self._groups.append(self._submit(self._small))
        for future in self._groups:
            yield from future.result()

    def _keep(self, sheet: Sheet) -> Iterator[Staged | Refused]:
        """A small object waits for others."""
        if not sheet.records and not sheet.asides:
            return
        together = sum(one.size for one in self._small) + sheet.size
        if self._small and (together > SHEET or len(self._small) >= TOGETHER):
            self._groups.append(self._submit(self._small))
            self._small = []
        self._small.append(sheet)
        while self._groups and self._groups[0].done():
            yield from self._groups.pop(0).result()

    def _submit(self, sheets: list[Sheet]) -> Future[Answers]:
        self._running = [one for one in self._running if not one.done()]
        if len(self._running) > self._crew.size:
            self._running[0].exception()
        self._count += 1
        out = self._crew.scratch / f"r{self._count:05}"
        future = self._crew.submit(partial(converted, self._pipeline), (sheets, out))
        self._running.append(future)
        return future


def converted(pipeline: Pipeline, engine: Any, task: tuple[list[Sheet], Path]) -> Answers:
    """What becomes of the rows of some sheets."""
    sheets, out = task
    answers: Answers = []
    if full := [sheet for sheet in sheets if sheet.records]:
        answers += _staged(engine, pipeline, _part(pipeline, full), out)
    if asides := [one for sheet in sheets for one in sheet.asides]:
        answers.append(_set_aside(engine, asides, out.with_suffix(".misfits.parquet")))
    for sheet in sheets:
        sheet.path.unlink(missing_ok=True)
    return answers


def _part(pipeline: Pipeline, sheets: list[Sheet]) -> Part:
    pieces = tuple(Piece(one.path, one.source, one.path, 0, one.records) for one in sheets)
    columns = tuple(column.name for column in pipeline.schema)
    return Part("clean", pieces, columns, dialect_of_cells(pipeline), counted=True, nulls_are_read=True)


def dialect_of_cells(pipeline: Pipeline) -> Dialect:
    """How the cells of a sheet are spelled: words for null have been dealt with, words for true have not."""
    declared = dialect_of(pipeline.dataset.source.options)
    return Dialect(
        null_values=(NEVER,),
        max_line_bytes=2 * declared.max_line_bytes + (1 << 16),
        true_values=declared.true_values,
        false_values=declared.false_values,
    )


def _staged(engine: Any, pipeline: Pipeline, part: Part, out: Path) -> Answers:
    """A part at once; halved where it fails, until the object that cannot be staged stands alone."""
    try:
        return list(transformed(engine, pipeline, part, out, patient=len(part.pieces) == 1))
    except EngineError as error:
        if len(part.pieces) == 1:
            said = str(error).splitlines()[0][:300]
            return [Refused(part.pieces[0].source, "CORRUPT", f"the records cannot be staged: {said}")]
    half = len(part.pieces) // 2
    first, second = (out.with_name(f"{out.name}{letter}") for letter in "ab")
    answers = _staged(engine, pipeline, part.of(part.pieces[:half]), first)
    return answers + _staged(engine, pipeline, part.of(part.pieces[half:]), second)


def _set_aside(engine: Any, asides: list[Aside], path: Path) -> Staged:
    write_aside(engine, asides, path)
    counts: dict[int, int] = {}
    for one in asides:
        counts[one.source] = counts.get(one.source, 0) + 1
    return Staged(None, path, counts, {}, counts)


def sheets_of(read: Read, pipeline: Pipeline, place: int, scratch: Path) -> Iterator[tuple[Sheet, bool]]:
    """An object's sheets in order, and whether each is the last. Raises Rejected, also after some sheets."""
    folder = scratch / f"d{place:05}"
    options = pipeline.dataset.source.options
    number = count = 0
    sheet = Sheet(scratch / f"d{place:05}-000.csv", place)
    file = sheet.path.open("wb")
    try:
        for row in _rows(read, pipeline, place, folder, dialect_of(options)):
            number += 1
            write_row(file, sheet, row, number, pipeline.schema)
            if file.tell() >= SHEET or len(sheet.asides) >= MOST_ASIDE:
                file.close()
                yield sheet, False
                count += 1
                sheet = Sheet(scratch / f"d{place:05}-{count:03}.csv", place)
                file = sheet.path.open("wb")
    except BaseException:
        file.close()
        sheet.path.unlink()
        raise
    file.close()
    yield sheet, True


def _rows(read: Read, pipeline: Pipeline, place: int, folder: Path, dialect: Dialect) -> Iterator[Row]:
    source = pipeline.sources[place]
    for path in unpacked(source.path, folder, dialect.max_ratio, pipeline.dataset.source.format):
        yield from read(Document(path, source, pipeline.schema, pipeline.dataset.source.options, folder))


def write_row(file: BinaryIO, sheet: Sheet, row: Row, number: int, schema: tuple[Column, ...]) -> None:
    """Write a row to its sheet, or set it aside."""
    problem = row.problem
    if not problem:
        cells = ",".join(NEVER if cell is None else '"' + cell.replace('"', '""') + '"' for cell in row.cells)
        if "\0" not in cells:
            try:
                file.write(f"{sheet.source},{number},{row.line or NEVER},{cells}\n".encode())
                sheet.records += 1
                return
            except UnicodeEncodeError:
                pass
        problem = _not_text(row, schema)
    raw = row.raw if len(row.raw) <= LONGEST else row.raw[:LONGEST] + "…"
    raw = raw.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
    problem = problem.encode(errors="backslashreplace").decode()
    where = f"line {row.line}: " if row.line else ""
    sheet.asides.append(Aside(sheet.source, number, row.line, "contract", where + problem, raw))


def _not_text(row: Row, schema: tuple[Column, ...]) -> str:
    for column, cell in zip(schema, row.cells, strict=True):
        if cell and "\0" in cell:
            return f"{column.name}: holds a NUL"
        if cell and any("\ud800" <= character <= "\udfff" for character in cell):
            return f"{column.name}: holds half of a surrogate pair, which is no character"
    return "is not text"
