"""Records of delimited text, one by one: for headers, for suspicious files, and to quote what was set aside.

This is the slow and exact reader. It defines what a record is; DuckDB reads the same where a file is well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from lake.core.errors import Rejected
from lake.light.dialect import Dialect

PIECE = 1 << 16
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Record:
    """`number` counts records from 1, without the header; `line` is where it starts, from 1; `raw` has no line end."""

    number: int
    line: int
    raw: bytes
    problem: str = ""


def lines_of(file: BinaryIO, most: int) -> Iterator[tuple[bytes, bool]]:
    r"""Physical lines with their ends, \n, \r\n or \r; of one above `most` bytes its beginning, and True."""
    held, dropping = b"", False
    while piece := file.read(PIECE):
        if piece.endswith(b"\r"):
            piece += file.read(1)
        ends = (held + piece).splitlines(keepends=True)
        held = b"" if ends[-1].endswith((b"\n", b"\r")) else ends.pop()
        for text in ends:
            yield (text[:most], True) if dropping or len(text) > most else (text, False)
            dropping = False
        if len(held) > most:
            held, dropping = held[:most], True
    if held:
        yield held, dropping


@lru_cache(maxsize=8)
def _patterns(dialect: Dialect) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What follows an opening quote up to and with the closing one; and one field with what ends it."""
    quote, escape, delimiter = (re.escape(text.encode()) for text in (dialect.quote, dialect.escape, dialect.delimiter))
    if not quote:
        return re.compile(rb"(?!)"), re.compile(rb"()([^" + delimiter + rb"]*+)(" + delimiter + rb"|\Z)", re.DOTALL)
    inner = rb"[^" + quote + escape + rb"]++|" + (quote * 2 if dialect.doubles_quotes else escape + rb".")
    closed = rb"(?:" + inner + rb")*+" + quote
    field = (
        rb"(?:" + quote + rb"((?:" + inner + rb")*+)" + quote + rb"|(?! *" + quote + rb")([^" + delimiter + rb"]*+))"
    )
    return re.compile(closed, re.DOTALL), re.compile(field + rb"(" + delimiter + rb"|\Z)", re.DOTALL)


def fields_of(raw: bytes, dialect: Dialect) -> list[bytes] | None:
    """The record's cells, unquoted; None if its quotes are not well-formed."""
    field = _patterns(dialect)[1]
    cells: list[bytes] = []
    at = 0
    while found := field.match(raw, at):
        quoted, bare, end = found.groups()
        cells.append(bare if quoted is None or not dialect.quote else _unescaped(quoted, dialect))
        if not end:
            return cells
        at = found.end()
    return None


def _unescaped(cell: bytes, dialect: Dialect) -> bytes:
    quote, escape = dialect.quote.encode(), dialect.escape.encode()
    if dialect.doubles_quotes:
        return cell.replace(quote * 2, quote)
    return re.sub(re.escape(escape) + rb"(.)", rb"\1", cell, flags=re.DOTALL)


def _still_open(text: bytes, inside: bool, at_start: bool, dialect: Dialect) -> bool:
    """Whether a quote is open after this line, given whether one was before it."""
    quote, delimiter = dialect.quote.encode(), dialect.delimiter.encode()
    closing = _patterns(dialect)[0]
    at = 0
    if at_start and text.startswith(quote):
        inside, at = True, 1
    while True:
        if inside:
            if not (found := closing.match(text, at)):
                return True
            inside, at = False, found.end()
        if (next_ := text.find(delimiter, at)) < 0:
            return False
        at = next_ + len(delimiter)
        if text.startswith(quote, at):
            inside, at = True, at + 1


def records_of(path: Path, dialect: Dialect, columns: int = 0) -> Iterator[Record]:
    """All records that are not blank; the header is number 0. With `columns`, each is checked to have as many.

    Raises Rejected(CORRUPT) for a quote that nothing closes, with the line where it opens.
    """
    for number, start, end, raw, too_long in _numbered(path, dialect):
        problem = f"the line is longer than {dialect.max_line_bytes} bytes" if too_long else ""
        if columns and not problem:
            problem = _problem(raw, start, end, columns, dialect)
        yield Record(number, start, raw, problem)


def records_at(path: Path, dialect: Dialect, numbers: Container[int], last: int) -> Iterator[Record]:
    """The records of these numbers, of which `last` is the greatest."""
    for number, start, _, raw, _ in _numbered(path, dialect):
        if number in numbers:
            yield Record(number, start, raw)
        if number >= last:
            return


def count_records(path: Path, dialect: Dialect) -> int:
    """How many records follow the header. Raises Rejected as records_of does."""
    return sum(1 for number, *_ in _numbered(path, dialect) if number)


def _numbered(path: Path, dialect: Dialect) -> Iterator[tuple[int, int, int, bytes, bool]]:
    """Number, first and last line, and text of each record that is not blank, and whether that was cut."""
    with path.open("rb") as file:
        if file.read(3) != BOM:
            file.seek(0)
        number = 0 if dialect.header else 1
        for start, end, text, too_long in _logical(file, dialect):
            raw = text.removesuffix(b"\n").removesuffix(b"\r")
            if raw and start > dialect.skip:
                yield number, start, end, raw, too_long
                number += 1


def _logical(file: BinaryIO, dialect: Dialect) -> Iterator[tuple[int, int, bytes, bool]]:
    """First and last physical line of each record, its text, and whether that was cut."""
    quote, most = dialect.quote.encode(), dialect.max_line_bytes
    parts: list[bytes] = []
    start = size = 0
    for number, (text, too_long) in enumerate(lines_of(file, most), start=1):
        if not parts:
            if too_long or not quote or quote not in text or number <= dialect.skip:
                yield number, number, text, too_long
                continue
            start, size = number, 0
        size += len(text)
        if too_long or (parts and size > most):
            raise _unclosed(start, f"within {most} bytes")
        if _still_open(text, bool(parts), not parts, dialect):
            parts.append(text)
            continue
        yield start, number, b"".join((*parts, text)), False
        parts = []
    if parts:
        raise _unclosed(start, "before the end of the object")


def _unclosed(line: int, where: str) -> Rejected:
    return Rejected("CORRUPT", f"the quote that opens on line {line} is not closed {where}")


def _problem(raw: bytes, start: int, end: int, columns: int, dialect: Dialect) -> str:
    """Why this record does not have its columns, or ""."""
    if not dialect.quote or dialect.quote.encode() not in raw:
        found = raw.count(dialect.delimiter.encode()) + 1
    elif (cells := fields_of(raw, dialect)) is not None:
        found = len(cells)
    elif end > start:
        raise Rejected("CORRUPT", f"the quote that opens on line {start} closes in the middle of a cell on line {end}")
    else:
        return "a quote stands in the middle of a cell that it should enclose"
    return "" if found == columns else f"{found} cells where the header has {columns}"
