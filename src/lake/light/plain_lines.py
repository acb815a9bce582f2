"""JSON lines through the engines: those that are written plainly by DuckDB, all others by Python, line by line."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from lake.core.errors import Rejected
from lake.light.binding import Binding
from lake.light.crew import Crew
from lake.light.dialect import dialect_of
from lake.light.engine import EngineError
from lake.light.facts import occurrences
from lake.light.json_lines import read, row_of
from lake.light.part import Part, Piece
from lake.light.pipeline import Pipeline
from lake.light.rows import Sheet, converted, dialect_of_cells, stage_rows, write_row
from lake.light.sifting import Odd, has_blank_lines, sifted
from lake.light.sql import text
from lake.light.stage import Staged
from lake.light.template import Template, template_of
from lake.light.text import plain_text
from lake.light.texts import Answers, Refused
from lake.light.write import write_parquet

SLICE = 48 << 20
"""Bytes that one engine reads at once: about a full row group."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Slice:
    """Whole lines of an object: `before` is how many stand before them, `lines` how many they are.

    `odd`: something is in it that DuckDB may count as the end of a line, or more of a line than it may read.
    """

    path: Path
    source: int
    before: int
    lines: int
    template: Template
    odd: bool


def stage_json_lines(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
    """Stage all sources of the pipeline as JSON lines."""
    left: list[int] = []
    for place in range(len(pipeline.sources)):
        answers = None if pipeline.dataset.light.python else _plainly(crew, pipeline, place)
        if answers is None:
            left.append(place)
        else:
            yield from answers
    if left:
        yield from stage_rows(read, crew, pipeline, left)


def _plainly(crew: Crew, pipeline: Pipeline, place: int) -> Answers | None:
    """What became of an object that can be read in slices; None if it must be read line by line."""
    futures: list[Future[Answers]] = []
    try:
        for number, piece in enumerate(_slices(crew, pipeline, place)):
            out = crew.scratch / f"j{place:05}-{number:03}"
            futures.append(crew.submit(partial(_staged, pipeline), (piece, out)))
            if number > crew.size:
                futures[number - crew.size].exception()
        return [answer for future in futures for answer in future.result()]
    except Rejected as error:
        wait(futures)
        return [Refused(place, error.reason, str(error))]
    except (Odd, EngineError):
        wait(futures)
        return None


def _slices(crew: Crew, pipeline: Pipeline, place: int) -> Iterator[Slice]:
    """The object cut where lines end. Raises Rejected, Odd."""
    dialect = dialect_of(pipeline.dataset.source.options)
    most = dialect.max_line_bytes
    path = plain_text(
        pipeline.sources[place].path, replace(dialect, header=False, skip=0), crew.scratch / f"l{place:05}"
    )
    with path.open("rb") as file:
        start = 3 if file.read(3) == codecs.BOM_UTF8 else 0
        file.seek(start)
        first = file.readline(most).removesuffix(b"\n").removesuffix(b"\r")
        template = template_of(first, pipeline.schema, most if most < 2 * CHUNK else 0)
        if template is None:
            raise Odd
        file.seek(start)
        before = number = 0
        while True:
            cut = crew.scratch / f"j{place:05}-{number:03}.jsonl"
            lines, size, odd = _measured(file)
            if not lines:
                return
            _copy(file, start, size, cut)
            yield Slice(cut, place, before, lines, template, odd)
            before, number, start = before + lines, number + 1, start + size


def _measured(file: BinaryIO) -> tuple[int, int, bool]:
    """Go on by about a slice, to the end of a line: how many lines and bytes they are, and whether they are odd."""
    lines, size, odd, last = 0, 0, False, b"\n"
    while size < SLICE and (chunk := file.read(CHUNK)):
        if size + len(chunk) >= SLICE:
            chunk += file.readline()
        ends = occurrences(chunk, b"\n")
        odd = odd or b"\r" in chunk or b"\0" in chunk or len(chunk) > 2 * CHUNK or not ends
        lines, size, last = lines + ends, size + len(chunk), chunk[-1:]
    return lines + (last != b"\n"), size, odd


def _copy(source: BinaryIO, start: int, size: int, path: Path) -> None:
    """Write the slice to its own file; the bytes do not pass through Python."""
    with path.open("wb") as out:
        done = 0
        while done < size:
            done += os.sendfile(out.fileno(), source.fileno(), start + done, size - done)


def _staged(pipeline: Pipeline, engine: Any, task: tuple[Slice, Path]) -> Answers:
    piece, out = task
    file = out.with_suffix(".parquet")
    rows = _written(pipeline, engine, piece, file)
    counts = {piece.source: rows}
    answers: Answers = [Staged(file if rows else None, None, counts, counts)]
    if rows < piece.lines:
        sheet = _rest(engine, pipeline, piece, file if rows else None, out.with_suffix(".rest.csv"))
        answers += converted(pipeline, engine, ([sheet], out.with_name(f"{out.name}-rest")))
    piece.path.unlink()
    return answers


def _written(pipeline: Pipeline, engine: Any, piece: Slice, file: Path) -> int:
    """Stage the slice's plain lines; how many they are."""
    if not piece.odd:
        try:
            rows = write_parquet(engine, pipeline.staged(_part(pipeline, piece, piece.path)), file)
            if rows < piece.lines and has_blank_lines(piece.path):
                raise Odd
            return rows
        except EngineError:
            pass  # a line is no text, or cut into too many pieces
    plain = sifted(piece.path, piece.template, dialect_of(pipeline.dataset.source.options).max_line_bytes)
    rows = write_parquet(engine, pipeline.staged(_part(pipeline, piece, plain)), file)
    plain.unlink()
    return rows


def _part(pipeline: Pipeline, piece: Slice, path: Path) -> Part:
    cut = Piece(path, piece.source, path, piece.before, piece.lines)
    columns = tuple(column.name for column in piece.template.columns)
    dialect = dialect_of_cells(pipeline)
    return Part("lines", (cut,), columns, dialect, counted=True, nulls_are_read=True, template=piece.template)


def _rest(engine: Any, pipeline: Pipeline, piece: Slice, staged: Path | None, path: Path) -> Sheet:
    """The lines that DuckDB left, read one by one."""
    there: set[int] = set()
    if staged:
        there = {n for (n,) in engine.execute(f"SELECT _src_row FROM read_parquet({text(str(staged))})").fetchall()}
    binding = Binding(pipeline.schema, pipeline.dataset.source.options)
    most = dialect_of(pipeline.dataset.source.options).max_line_bytes
    sheet = Sheet(path, piece.source)
    with piece.path.open("rb") as lines, path.open("wb") as out:
        for number, line in enumerate(lines, start=piece.before + 1):
            if number not in there:
                if not (raw := line[:most].strip()):
                    raise Odd
                row = row_of(raw, number, binding, most if len(line) > most else 0)
                write_row(out, sheet, row, number, pipeline.schema)
    return sheet
