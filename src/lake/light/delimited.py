"""Delimited text: one object examined, its columns bound, and cut into what the engines read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from lake.core.contract import Column
from lake.core.errors import Rejected
from lake.light.dialect import Dialect
from lake.light.facts import CHUNK, Examiner, ends_with_null, occurrences, require_utf8
from lake.light.header import bound_columns
from lake.light.part import Part, Piece
from lake.light.record import BOM, Record, fields_of, records_of
from lake.light.stage import clean_line
from lake.light.text import plain_text

WHOLE = 24 << 20
"""A text up to this size is read by one engine; small ones are read together up to it."""

SMALL = 256 << 10
"""Texts up to this size are joined: to open a file takes an engine as long as to read so much of one."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """An object as text, with its columns in the order of its header."""

    source: int
    path: Path
    size: int
    columns: tuple[str, ...]
    skip: int
    dialect: Dialect


def opened(source: int, path: Path, schema: Sequence[Column], dialect: Dialect, scratch: Path) -> Delimited | None:
    """Bind an object's columns; None if it has no record at all. Raises Rejected."""
    plain = plain_text(path, dialect, scratch)
    columns = tuple(column.name for column in schema)
    skip = dialect.skip
    first: Record | None = None
    try:
        first = next(iter(islice(records_of(plain, dialect), 1)), None)
    except Rejected:
        require_utf8(plain)
        raise
    if first is None:
        return None
    if dialect.header:
        columns = bound_columns(_names(first, plain, dialect), schema)
        skip = first.line + first.raw.count(b"\n")
    size = plain.stat().st_size
    return Delimited(source, plain, size, columns, skip, replace(dialect, encoding="utf-8"))


def _names(header: Record, path: Path, dialect: Dialect) -> list[str]:
    cells = fields_of(header.raw, dialect)
    try:
        names = [cell.decode() for cell in cells or []]
    except UnicodeDecodeError:
        require_utf8(path)
        raise
    if b"\0" in header.raw:
        require_utf8(path)
    if cells is None:
        raise Rejected("HEADER", f"header on line {header.line}: a quote stands in the middle of a name")
    return names


@dataclass(frozen=True, slots=True)
class Examined:
    """A text with what its bytes told.

    `lines` are the records that it has if no cell holds a line end and no line is blank. `worded`: a quoted word for
    null, which the reader must tell from a bare one. `suspicious`: DuckDB would not read it exactly.
    """

    text: Delimited
    lines: int
    worded: bool
    returns: bool
    suspicious: bool

    @property
    def shape(self) -> tuple[object, ...]:
        """Objects of one shape can be read together."""
        return (self.text.columns, self.text.skip, self.worded, self.returns)


def examined(text: Delimited) -> Examined:
    """Read all bytes once. Raises Rejected(ENCODING) for a NUL."""
    examiner = Examiner(text.dialect)
    lines, last = 0, b"\n"
    with text.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            examiner.take(chunk)
            lines += occurrences(chunk, b"\n")
            last = chunk[-1:]
    examiner.take(b"\n")
    facts = examiner.facts
    if facts.nul:
        require_utf8(text.path)
    records = max(lines + (last != b"\n") - text.skip, 0)
    forgiven = facts.worded and ends_with_null(text.path, text.dialect)
    suspicious = facts.spaced or len(text.columns) == 1 or forgiven
    return Examined(text, records, facts.worded, facts.returns, suspicious)


def grouped(texts: Sequence[Examined]) -> Iterator[list[Examined]]:
    """Small texts of one shape together, in order; large ones alone."""
    waiting: dict[tuple[object, ...], list[Examined]] = {}
    for text in texts:
        if text.text.size > WHOLE:
            yield [text]
            continue
        group = waiting.setdefault(text.shape, [])
        if group and sum(one.text.size for one in group) + text.text.size > WHOLE:
            yield group
            group = waiting[text.shape] = []
        group.append(text)
    yield from (group for group in waiting.values() if group)


def parts_of(group: Sequence[Examined], out: Path) -> Iterator[Part]:
    """The group read whole, in one query: the ways to do it, the fastest first."""
    if len(group) > 1 and not group[0].returns and all(one.text.size <= SMALL for one in group):
        yield _joined_part(group, out.with_suffix(".joined.csv"))
    yield _part_of(group)


def _joined_part(group: Sequence[Examined], path: Path) -> Part:
    """One file of all lines, each led by the place of its text.

    It is exact where each line is a record. A cell that holds a line end gives fewer records than lines, a blank line
    gives too few cells: either way the caller learns of it and reads the texts as they are.
    """
    first = group[0].text
    with path.open("wb") as file:
        for place, one in enumerate(group):
            lead = f"{place}{one.text.dialect.delimiter}".encode()
            if lines := _lines(one.text):
                file.write(lead + lines.replace(b"\n", b"\n" + lead) + b"\n")
    pieces = tuple(Piece(path, one.text.source, one.text.path, 0, one.lines) for one in group)
    return Part("joined", pieces, first.columns, first.dialect, nulls_are_read=group[0].worded)


def _lines(text: Delimited) -> bytes:
    """What follows the header, without the last line end."""
    content = text.path.read_bytes().removeprefix(BOM)
    parts = content.split(b"\n", text.skip)
    return parts[text.skip].removesuffix(b"\n") if len(parts) > text.skip else b""


def _part_of(group: Sequence[Examined]) -> Part:
    """The texts where they lie."""
    first = group[0].text
    pieces = tuple(Piece(one.text.path, one.text.source, one.text.path, 0, one.lines) for one in group)
    return Part(
        "csv",
        pieces,
        first.columns,
        first.dialect,
        first.skip,
        trusted=len(group) == 1 or not group[0].returns,
        nulls_are_read=group[0].worded,
    )


def clean_part(text: Delimited, path: Path) -> tuple[Part, list[Record], int]:
    """The slow way: a copy of the records that are well-formed; also those that are not, and how many there are.

    Raises Rejected for an object that is broken as a whole.
    """
    require_utf8(text.path)
    problems: list[Record] = []
    good = total = 0
    with path.open("wb") as file:
        for record in records_of(text.path, text.dialect, len(text.columns)):
            if record.number == 0:
                continue
            total += 1
            if record.problem:
                problems.append(record)
            else:
                good += 1
                file.write(clean_line(text.dialect, text.source, record, quotes_raw=False))
    piece = Piece(path, text.source, text.path, 0, good)
    part = Part("clean", (piece,), text.columns, text.dialect, counted=True, nulls_are_read=True)
    return part, problems, total
