"""Excel: the rows of one sheet below its header, each cell taken for what its column declares and never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from lake.core.contract import Column
from lake.core.errors import Rejected
from lake.core.type import Type, parse_type
from lake.light.dialect import dialect_of
from lake.light.header import bound_columns
from lake.light.row import Document, Row
from lake.light.value import Misfit, Number, Unknown, spelled
from lake.light.workbook import Workbook, unescaped

REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
EXACT = 2**53
MILLISECONDS = 86_400_000
LAST_DAY = 2_958_466
"""Excel's number of the day after 9999-12-31."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A number that the sheet shows as a date."""

    days: float

    def value(self, from_1904: bool) -> date | datetime | None:
        """The day, or the instant to the millisecond, which is what Excel keeps; None for what is neither.

        Excel counts a 29 February 1900 that never was: https://learn.microsoft.com/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year
        """
        if not 1 <= self.days + from_1904 < LAST_DAY or (60 <= self.days < 61 and not from_1904):
            return None
        start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 + (self.days < 60))
        if self.days == int(self.days):
            return (start + timedelta(days=int(self.days))).date()
        return start + timedelta(milliseconds=round(self.days * MILLISECONDS))


Cell = str | Number | Unknown | Moment | bool
"""What a sheet holds: text, a number, an error, a date, a truth."""


def read(document: Document) -> Iterator[Row]:
    """All rows below the header that hold anything. `_line` is Excel's own number of the row."""
    dialect = dialect_of(document.options)
    book = Workbook(document.path, dialect.max_ratio)
    try:
        part = book.sheet(str(document.options.get("sheet", "")))
        rows = _rows(book, part)
        columns = _columns(rows, int(document.options.get("header_row", 1)), document.schema)
        if columns is not None:
            cells = _Cells(columns, document.schema, frozenset(dialect.null_values), book.from_1904)
            for number, found in rows:
                if found:
                    yield cells.row(number, found)
    finally:
        book.close()


def _columns(
    rows: Iterator[tuple[int, dict[str, Cell]]], header_row: int, schema: Sequence[Column]
) -> dict[str, str] | None:
    """Excel's letter → column's name; None for a sheet without any row. Raises Rejected(HEADER)."""
    last = 0
    for number, found in rows:
        last = number
        if number < header_row:
            continue
        if number > header_row or not found:
            break
        letters = list(found)
        names = bound_columns([str(cell) for cell in found.values()], schema)
        return dict(zip(letters, names, strict=True))
    if not last:
        return None
    raise Rejected("HEADER", f"row {header_row} of the sheet is empty; declare options.header_row")


def _rows(book: Workbook, part: str) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Excel's number of each row with its cells by letter; empty cells are left out."""
    sheet = _Sheet(book)
    for _ in book.parse(part, sheet.start, sheet.end):
        yield from sheet.rows
        sheet.rows.clear()


class _Sheet:
    """Takes a sheet's elements and keeps whole rows, until they are fetched."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.rows: list[tuple[int, dict[str, Cell]]] = []
        self._number = self._place = 0
        self._cells: dict[str, Cell] = {}
        self._letter = self._kind = ""
        self._is_date = False
        self._texts: list[str] = []
        self._value: str | None = None
        self._hints = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._place = {}, 0
        elif name == "c":
            self._place += 1
            found = REFERENCE.fullmatch(attributes.get("r", ""))
            self._letter = found[1] if found else letter_of(self._place)
            self._place = place_of(self._letter)
            self._kind = attributes.get("t", "n")
            self._is_date = int(attributes.get("s", "0") or 0) in self._book.dates
            self._texts, self._value = [], None
        self._hints += name == "rPh"

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self._value = text
        elif name == "t" and not self._hints:
            self._texts.append(text)
        elif name == "c":
            if (cell := self._cell()) is not None:
                self._cells[self._letter] = cell
        elif name == "row":
            self.rows.append((self._number, self._cells))
        self._hints -= name == "rPh"

    def _cell(self) -> Cell | None:
        kind, value = self._kind, self._value
        if kind == "inlineStr":
            return unescaped("".join(self._texts)) or None
        if value is None or value == "":
            return None
        if kind == "s":
            if not value.isdigit() or int(value) >= len(self._book.texts):
                raise Rejected("CORRUPT", f"row {self._number}: the cell {self._letter} refers to no shared text")
            return self._book.texts[int(value)] or None
        if kind == "str":
            return unescaped(value)
        if kind == "b":
            return value in ("1", "true")
        if kind == "d":
            return value
        return Unknown(value) if kind == "e" else self._number_of(value)

    def _number_of(self, value: str) -> Cell:
        try:
            return Moment(float(value)) if self._is_date else Number(plain_number(value))
        except ValueError as error:
            raise Rejected("CORRUPT", f"row {self._number}: the cell {self._letter} is no number: {value!r}") from error


def plain_number(text: str) -> str:
    """A number as people wrote it: Excel keeps 1.1 as 1.1000000000000001, and 100 as 1E2. Raises ValueError."""
    if re.fullmatch(r"-?\d+", text):
        return text
    number = float(text)
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def letter_of(place: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def place_of(letter: str) -> int:
    place = 0
    for one in letter:
        place = place * 26 + ord(one) - ord("A") + 1
    return place


class _Cells:
    """Spells a row's cells as their columns declare."""

    def __init__(
        self, columns: Mapping[str, str], schema: Sequence[Column], nulls: frozenset[str], from_1904: bool
    ) -> None:
        by_name = {name: letter for letter, name in columns.items()}
        self._wanted: list[tuple[str, Column, Type]] = [
            (by_name[one.name], one, parse_type(one.type)) for one in schema
        ]
        self._known = frozenset(columns)
        self._nulls, self._from_1904 = nulls, from_1904

    def row(self, number: int, found: Mapping[str, Cell]) -> Row:
        wrong = [f"{letter}{number}: holds a value outside of the header" for letter in found.keys() - self._known]
        cells: list[str | None] = []
        for letter, column, type_ in self._wanted:
            try:
                cells.append(spelled(self._value(found.get(letter), column), type_, column.name))
            except Misfit as misfit:
                wrong.append(str(misfit))
        if not wrong:
            return Row(number, cells)
        raw = {
            letter: cell if isinstance(cell, bool) else str(self._value(cell, None)) for letter, cell in found.items()
        }
        return Row(number, (), "; ".join(sorted(wrong)[:20]), json.dumps(raw, ensure_ascii=False))

    def _value(self, cell: Cell | None, column: Column | None) -> object:
        if isinstance(cell, Moment):
            moment = cell.value(self._from_1904)
            if moment is None:
                return Unknown(f"{cell.days} shown as a date")
            midnight = column is not None and column.type == "timestamp" and not isinstance(moment, datetime)
            return datetime(moment.year, moment.month, moment.day) if midnight else moment
        if isinstance(cell, Number) and column is not None and column.type in ("date", "timestamp"):
            return Unknown(cell)
        is_null = isinstance(cell, str) and not isinstance(cell, Number | Unknown) and cell in self._nulls
        return None if is_null else cell
