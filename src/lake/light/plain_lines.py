"""JSON lines through the engines: those that are written plainly by DuckDB, all others by Python, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from lake.core.errors import Rejected
from lake.light.binding import Binding
from lake.light.crew import Crew
from lake.light.dialect import Dialect, dialect_of
from lake.light.json_lines import read, row_of
from lake.light.part import Part, Piece
from lake.light.pipeline import Pipeline
from lake.light.rows import Sheet, converted, dialect_of_cells, stage_rows, write_row
from lake.light.sql import text
from lake.light.stage import Staged
from lake.light.template import Template, template_of
from lake.light.text import plain_text
from lake.light.texts import Answers, Refused
from lake.light.write import write_parquet

SLICE = 32 << 20
"""Bytes that one engine reads at once."""
CHUNK = 1 << 20
ODD = (b"\r", b"\n\n", b"\0", b"\x03")
"""What makes DuckDB count lines otherwise than we do; such a file is read line by line."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Whole lines of an object: `before` is how many stand before them, `lines` how many they are."""

    path: Path
    source: int
    before: int
    lines: int
    template: Template


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
    except (_Odd, duckdb.Error):
        wait(futures)
        return None


class _Odd(Exception):
    """The object must be read line by line."""


def _slices(crew: Crew, pipeline: Pipeline, place: int) -> Iterator[Slice]:
    """The object cut where lines end. Raises Rejected, _Odd."""
    dialect = dialect_of(pipeline.dataset.source.options)
    joined = replace(dialect, header=False, skip=0)
    path = plain_text(pipeline.sources[place].path, joined, crew.scratch / f"l{place:05}")
    with path.open("rb") as file:
        first = file.readline(dialect.max_line_bytes)
        template = template_of(first.removesuffix(b"\n"), pipeline.schema, dialect.max_line_bytes)
        if template is None:
            raise _Odd
        file.seek(0)
        before = number = 0
        while True:
            cut = crew.scratch / f"j{place:05}-{number:03}.jsonl"
            if not (lines := _cut(file, cut)):
                cut.unlink()
                return
            yield Slice(cut, place, before, lines, template)
            before, number = before + lines, number + 1


def _cut(file: BinaryIO, path: Path) -> int:
    """Copy about a slice's bytes up to the end of a line; how many lines they are."""
    lines, size, last = 0, 0, b"\n"
    with path.open("wb") as out:
        while size < SLICE and (chunk := file.read(CHUNK)):
            if size + len(chunk) >= SLICE:
                chunk += file.readline()
            if any(one in chunk for one in ODD) or (last == b"\n" and chunk.startswith(b"\n")):
                raise _Odd
            out.write(chunk)
            lines, size, last = lines + chunk.count(b"\n"), size + len(chunk), chunk[-1:]
    return lines + (last != b"\n")


def _staged(pipeline: Pipeline, engine: Any, task: tuple[Slice, Path]) -> Answers:
    piece, out = task
    file = out.with_suffix(".parquet")
    rows = write_parquet(engine, pipeline.staged(_part(pipeline, piece)), file)
    counts = {piece.source: rows}
    answers: Answers = [Staged(file if rows else None, None, counts, counts)]
    if rows < piece.lines:
        sheet = _rest(engine, pipeline, piece, file if rows else None, out.with_suffix(".rest.csv"))
        answers += converted(pipeline, engine, ([sheet], out.with_name(f"{out.name}-rest")))
    piece.path.unlink()
    return answers


def _part(pipeline: Pipeline, piece: Slice) -> Part:
    cut = Piece(piece.path, piece.source, piece.path, piece.before, piece.lines)
    columns = tuple(column.name for column in piece.template.columns)
    dialect: Dialect = dialect_of_cells(pipeline)
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
                raw = line.strip()
                row = row_of(raw[:most], number, binding, most if len(raw) > most else 0)
                write_row(out, sheet, row, number, pipeline.schema)
    return sheet
