"""One part through one engine: its staged file, its rows set aside, its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lake.core.errors import Rejected
from lake.light.dialect import Dialect
from lake.light.part import Part, Piece
from lake.light.pipeline import OBJECTS, Pipeline
from lake.light.record import Record, count_records, records_at
from lake.light.relation import counts, relation
from lake.light.sql import text
from lake.light.write import write_parquet

FEW = 20_000
"""Up to this many missing records are looked up one by one rather than by reading the part again."""


class Miscounted(Exception):
    """Records are not as many as line ends, before a slice or in joined texts: objects must be read by themselves."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What became of a part. Each count is by the object's place in the batch; in = kept + set aside + filtered."""

    file: Path | None
    aside: Path | None
    rows_in: Mapping[int, int]
    kept: Mapping[int, int]
    rejected: Mapping[int, int] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)


def stage(engine: Any, pipeline: Pipeline, part: Part, out: Path) -> Staged:
    """Convert one part.

    Raises EngineError where DuckDB cannot read a file of it, Miscounted as said there.
    """
    if not part.counted and (pipeline.light or not part.trusted):
        part = _counted(engine, part)
    file = out.with_suffix(".parquet")
    rows = write_parquet(engine, pipeline.staged(part), file)
    if not part.counted and rows != sum(piece.records for piece in part.pieces):
        counted = _counted(engine, part)
        if [piece.records for piece in counted.pieces[:-1]] != [piece.records for piece in part.pieces[:-1]]:
            rows = write_parquet(engine, pipeline.staged(counted), file)
        part = counted
    kept = {part.sources[0]: rows} if len(part.sources) == 1 else _kept(engine, file if rows else None)
    rows_in = _rows_in(part)
    result = Staged(file if rows else None, None, rows_in, kept)
    if rows == sum(rows_in.values()):
        return result
    return _with_aside(engine, pipeline, part, result, out)


def _counted(engine: Any, part: Part) -> Part:
    """The part with its true numbers of records.

    DuckDB's own count is believed where it agrees with the line ends. Elsewhere a cell may hold line ends, or DuckDB
    may have lost what follows an open quote without a word: the exact reader decides.
    """
    found = dict(engine.execute(counts(part)).fetchall())
    numbers = [found.get(place, 0) for place in range(len(part.pieces))]
    for piece, number in zip(part.pieces, numbers, strict=True):
        if part.kind == "joined" and number != piece.records:
            raise Miscounted
        if part.kind == "csv" and number != piece.records and number != _records_in(part, piece):
            raise Miscounted
    exact = part.with_counts(numbers)
    if not part.final and exact.pieces != part.pieces:
        raise Miscounted
    return exact


def _records_in(part: Part, piece: Piece) -> int:
    try:
        return count_records(piece.path, _dialect(part, piece))
    except Rejected:
        return -1


def _dialect(part: Part, piece: Piece) -> Dialect:
    return replace(part.dialect, header=False, skip=0) if piece.headless else part.dialect


def _rows_in(part: Part) -> dict[int, int]:
    rows: dict[int, int] = {}
    for piece in part.pieces:
        rows[piece.source] = rows.get(piece.source, 0) + piece.records
    return rows


def _kept(engine: Any, file: Path | None) -> dict[int, int]:
    if file is None:
        return {}
    joined = f"read_parquet({text(str(file))}) JOIN {OBJECTS} ON _src_key = _key AND _src_seq = _sequencer"
    return dict(engine.execute(f"SELECT _place, count(*) FROM {joined} GROUP BY 1").fetchall())


def _with_aside(engine: Any, pipeline: Pipeline, part: Part, result: Staged, out: Path) -> Staged:
    """Find the records that are not in the staged file, and write why."""
    missing = _missing(engine, part, result.file)
    total = sum(len(numbers) for numbers in missing.values())
    read, only = part, ""
    if part.has_records and (not pipeline.light or total <= FEW):
        read = quoted_part(part, missing, out.with_suffix(".quoted.csv"))
    elif total <= FEW:
        only = " OR ".join(_among(source, numbers) for source, numbers in missing.items())
    aside = out.with_suffix(".aside.parquet")
    rows = write_parquet(engine, pipeline.set_aside(read, only), aside)
    if not pipeline.light and rows != total:
        raise Miscounted
    if not rows:
        return result
    source = f"read_parquet({text(str(aside))})"
    rejected = dict(engine.execute(f"SELECT _file, count(*) FROM {source} GROUP BY 1").fetchall())
    broken = dict(engine.execute(f"SELECT unnest(broken) AS r, count(*) FROM {source} GROUP BY 1").fetchall())
    return replace(result, aside=aside, rejected=rejected, broken=broken)


def _among(source: int, numbers: list[int]) -> str:
    return f"(_file = {source} AND _src_row IN ({', '.join(map(str, numbers))}))"


def _missing(engine: Any, part: Part, file: Path | None) -> dict[int, list[int]]:
    """Numbers of the records that the staged file lacks, by object."""
    found: dict[int, list[int]] = {}
    for piece in part.pieces:
        first, last = piece.before + 1, piece.before + piece.records
        every = f"SELECT unnest(range({first}, {last + 1})) AS n"
        if part.kind == "clean":
            every = f"SELECT _src_row AS n FROM ({relation(part)}) WHERE _file = {piece.source}"
        if file is not None:
            home = f"JOIN {OBJECTS} ON _src_key = _key AND _src_seq = _sequencer WHERE _place = {piece.source}"
            here = f"SELECT _src_row FROM read_parquet({text(str(file))}) {home}"
            every = f"SELECT n FROM ({every}) ANTI JOIN ({here}) h ON n = h._src_row ORDER BY n"
        if numbers := [int(n) for (n,) in engine.execute(every).fetchall()]:
            found.setdefault(piece.source, []).extend(numbers)
    return found


def quoted_part(part: Part, missing: Mapping[int, list[int]], path: Path) -> Part:
    """A clean part of just these records of a part, with their lines and raw text."""
    with path.open("wb") as file:
        for piece in part.pieces:
            for record in _records(part, piece, missing.get(piece.source, [])):
                file.write(clean_line(part.dialect, piece.source, record, quotes_raw=True))
    pieces = tuple(Piece(path, source, path) for source in part.sources)
    return replace(part, kind="clean", pieces=pieces, skip=0, quotes_raw=True)


def _records(part: Part, piece: Piece, numbers: list[int]) -> Iterator[Record]:
    wanted = {number - piece.before for number in numbers}
    if not wanted:
        return
    for record in records_at(piece.text, _dialect(part, piece), wanted, max(wanted)):
        yield replace(record, number=record.number + piece.before, line=record.line + piece.lines)


def clean_line(dialect: Dialect, source: int, record: Record, quotes_raw: bool) -> bytes:
    """A record of a clean part."""
    cells = [f"{source}".encode(), f"{record.number}".encode(), f"{record.line}".encode()]
    if quotes_raw:
        cells.append(record.raw.hex().encode())
    return dialect.delimiter.encode().join([*cells, record.raw]) + b"\n"
