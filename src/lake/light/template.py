"""How the lines of a JSON lines file are written, as far as its first line tells: the keys, their order, the spaces.

A line is cut where one cell ends and the next key begins, at `,"`. If each piece begins with its key, and what follows
is one literal from end to end, the line can hold nothing else: no key twice, no key that nobody declares, no text
where a number should be, no digit that was lost. DuckDB reads such lines. All others are left to the reader that takes
every line by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lake.core.contract import Column
from lake.core.type import is_nested
from lake.light.json_value import NotJson, json_value
from lake.light.sql import quoted, text
from lake.light.value import Number

SPACES = ((", ", ": "), (",", ":"), (",", ": "), (", ", ":"))
SPARE = ("_spare_0", "_spare_1")
"""A line of so many pieces too many is read, and seen not to be plain; one of more is an error of the CSV reader."""
QUOTE = '"'
STRINGS = ("string", "date", "timestamp", "binary")


@dataclass(frozen=True, slots=True)
class Template:
    """Columns in the order of a line's keys, and whether their literals are strings."""

    columns: tuple[Column, ...]
    strings: tuple[bool, ...]
    comma: str
    colon: str
    longest: int = 0
    """Bytes of a line with its end that may be read; 0 where no line can be longer."""

    @property
    def delimiter(self) -> str:
        """What stands between two pieces."""
        return f'{self.comma}"'

    @property
    def pieces(self) -> tuple[str, ...]:
        """The names of a line's pieces, and of those too many."""
        return (*(f"_piece_{one.name}" for one in self.columns), *SPARE)

    def cells(self, lines: str) -> str:
        """A query on `lines`, a query that gives `pieces` and `_row`: `_raw_<column>` of each plain line, and `_row`.

        What is no string is the literal as it stands, the word null too, and must still be judged.
        """
        cells = ", ".join(
            f"{self._string(place) if self.strings[place] else self._bare(place)} AS {_raw(one)}"
            for place, one in enumerate(self.columns)
        )
        begun = " AND ".join([f"{SPARE[0]} IS NULL", *(self._begins(place) for place in range(len(self.columns)))])
        strings = [place for place, is_string in enumerate(self.strings) if is_string]
        clean = " AND ".join([*self._short(), *(self._is_clean(place) for place in strings)])
        return f"SELECT * FROM (SELECT *, {cells} FROM ({lines}) WHERE {begun}) WHERE {clean}"

    def _key(self, place: int) -> str:
        """What a piece begins with."""
        key = json.dumps(self.columns[place].place, ensure_ascii=False)
        return ("{" + key if not place else key[1:]) + self.colon

    def _end(self, place: int) -> str:
        return "}" if place + 1 == len(self.columns) else ""

    def _begins(self, place: int) -> str:
        """Whether the piece begins with its key; a string's also with its quote, if it is not null."""
        piece, key = _piece(self.columns[place]), self._key(place)
        if not self.strings[place]:
            begins = f"starts_with({piece}, {text(key)})"
            return f"{begins} AND suffix({piece}, '}}')" if self._end(place) else begins
        return f"(starts_with({piece}, {text(key + QUOTE)}) OR {self._is_null(place)})"

    def _is_null(self, place: int) -> str:
        return f"{_piece(self.columns[place])} = {text(self._key(place) + 'null' + self._end(place))}"

    def _bare(self, place: int) -> str:
        """The literal as it stands."""
        piece, before = _piece(self.columns[place]), len(self._key(place))
        cut = f", length({piece}) - {before + 1}" if self._end(place) else ""
        return f"substring({piece}, {before + 1}{cut})"

    def _string(self, place: int) -> str:
        """What a string says; null for the word null, and where it is no string."""
        piece, before, end = _piece(self.columns[place]), len(self._key(place)), self._end(place)
        inside = f"substring({piece}, {before + 2}, length({piece}) - {before + 2 + len(end)})"
        closed = f"suffix({piece}, {text(QUOTE + end)}) AND length({piece}) >= {before + 2 + len(end)}"
        escaped = f"WHEN {_has_escapes(piece)} THEN TRY_CAST({self._bare(place)} AS JSON) ->> '$' "
        if self.columns[place].type != "string":
            escaped = ""
        return f"CASE {escaped}WHEN {closed} THEN {inside} END"

    def _is_clean(self, place: int) -> str:
        """Whether a string is one literal from end to end, or null.

        JSON adds two quotes to what needs no escapes; a literal with escapes was parsed, and holds no NUL. What is to
        become a date and the like is judged by its spelling, which allows neither quotes nor escapes.
        """
        column = self.columns[place]
        x, piece = _raw(column), _piece(column)
        if column.type == "string":
            escaped = f"{_has_escapes(piece)} AND NOT contains({piece}, '\\u0000')"
            right = f"WHEN strlen(to_json({x})) = strlen({x}) + 2 THEN true ELSE {escaped}"
        else:
            right = "ELSE true"
        return f"CASE WHEN {x} IS NULL THEN {self._is_null(place)} {right} END"

    def _short(self) -> list[str]:
        """Whether the line is not too long."""
        if not self.longest:
            return []
        sizes = " + ".join(f"strlen({_piece(one)})" for one in self.columns)
        between = (len(self.columns) - 1) * len(self.delimiter)
        return [f"{sizes} + {between} < {self.longest}"]


def _has_escapes(x: str) -> str:
    return f"contains({x}, '\\')"


def _piece(column: Column) -> str:
    return quoted(f"_piece_{column.name}")


def _raw(column: Column) -> str:
    return quoted(f"_raw_{column.name}")


def template_of(line: bytes, schema: Sequence[Column], longest: int = 0) -> Template | None:
    """The template of a line that holds exactly the declared columns, each at the top; None for any other."""
    by_place = {column.place: column for column in schema}
    if any(is_nested(one.type) or one.place.startswith("$.") or _is_odd(one) for one in schema):
        return None
    try:
        said = line.decode()
        record = json_value(said)
    except (UnicodeDecodeError, NotJson):
        return None
    if not isinstance(record, dict) or record.keys() != by_place.keys():
        return None
    keys = [json.dumps(key, ensure_ascii=False) for key in record]
    for comma, colon in SPACES:
        if _is_spaced(said, keys, comma, colon):
            columns = tuple(by_place[key] for key in record)
            return Template(
                columns, tuple(_is_string(one, record[one.place]) for one in columns), comma, colon, longest
            )
    return None


def _is_string(column: Column, found: object) -> bool:
    """Whether the column's literals are strings, as far as one cell tells: a decimal may be a number or a string."""
    if column.type.startswith("decimal"):
        return isinstance(found, str) and not isinstance(found, Number)
    return column.type in STRINGS


def _is_odd(column: Column) -> bool:
    """Whether JSON would escape the key, or a moment's format takes more than a plain literal holds."""
    return json.dumps(column.place, ensure_ascii=False) != f'"{column.place}"' or any(
        one in column.format for one in '"\\'
    )


def _is_spaced(line: str, keys: list[str], comma: str, colon: str) -> bool:
    marks: Iterator[str] = (("{" if not place else comma) + key + colon for place, key in enumerate(keys))
    at = 0
    for mark in marks:
        if (found := line.find(mark, at)) < 0 or (at == 0 and found):
            return False
        if line[found + len(mark) :][:1] == " ":
            return False
        at = found + len(mark)
    return True
