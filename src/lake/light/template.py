"""How the lines of a JSON lines file are written, as far as its first line tells: the keys, their order, the spaces.

A line that is its own cells put back into the template, character by character, holds nothing else: no key twice, no
key that nobody declares, no text where a number should be, no digit that was lost. DuckDB reads such lines. All others
are left to the reader that takes every line by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lake.core.contract import Column
from lake.core.type import is_nested
from lake.light.json_value import NotJson, json_value
from lake.light.sql import quoted, sql_type, text

LONGEST_NUMBER = 48
"""A number of more characters is left to the other reader."""
SPACES = ((", ", ": "), (",", ":"), (",", ": "), (", ", ":"))
READY = ("string", "int", "bigint", "boolean")
"""Types that DuckDB's JSON reader gives as they are declared; cells of the others are taken as text."""
FRACTIONS = ("float", "double", "decimal")


@dataclass(frozen=True, slots=True)
class Template:
    """Columns in the order of a line's keys; `raw` is how relation.py names their cells."""

    columns: tuple[Column, ...]
    comma: str
    colon: str
    longest: int
    """Bytes of a line that may be read."""

    def cells(self, line: str) -> str:
        """A query on `line`, a query that gives `_text`: all that it gives, `_raw_<column>` of each, and `_plain`.

        `_plain` is null where the text is no JSON.
        """
        taken = ", ".join(f"{self._taken(place)} AS {_raw(one)}" for place, one in enumerate(self.columns))
        parsed = f"SELECT *, TRY(from_json(_text, {text(json.dumps(self._types()))})) AS _json FROM ({line})"
        plain = f"({self._put_back()}) = _text AND {self._sound()} AS _plain"
        return f"SELECT * EXCLUDE (_json), {plain} FROM (SELECT *, {taken} FROM ({parsed}))"

    def _types(self) -> dict[str, str]:
        """What the JSON reader is asked for; a fraction's text is cut out of the line, because reading rounds it."""
        return {
            one.place: sql_type(one.type) if one.type in READY else "VARCHAR"
            for one in self.columns
            if not _is_fraction(one)
        } or {self.columns[0].place: "VARCHAR"}

    def _taken(self, place: int) -> str:
        column = self.columns[place]
        if not _is_fraction(column):
            return f"_json.{quoted(column.place)}"
        key = f"{json.dumps(column.place, ensure_ascii=False)}{self.colon}"
        begin = f"strpos(_text, {text(key)}) + {len(key)}"
        end = self.comma[0] if place + 1 < len(self.columns) else "}"
        return f"nullif(split_part(substr(_text, {begin}, {LONGEST_NUMBER}), {text(end)}, 1), 'null')"

    def _put_back(self) -> str:
        """The cells in the template again."""
        pieces: list[str] = []
        for place, column in enumerate(self.columns):
            before = ("{" if not place else self.comma) + json.dumps(column.place, ensure_ascii=False) + self.colon
            cell = f"{_raw(column)}::VARCHAR" if column.type in READY[1:] else _raw(column)
            if column.type not in READY[1:] and not _is_fraction(column):
                cell = f"'\"' || {cell} || '\"'"
            pieces += [text(before), f"coalesce({cell}, 'null')"]
        return f"concat({', '.join([*pieces, text('}')])})"

    def _sound(self) -> str:
        """No escapes, so that a text is spelled as it is; and fractions end with a digit, unlike NaN and Infinity."""
        digits = [f"coalesce({_raw(one)}[-1] BETWEEN '0' AND '9', true)" for one in self.columns if _is_fraction(one)]
        return " AND ".join([f"strlen(_text) <= {self.longest}", "NOT contains(_text, '\\')", *digits])


def _raw(column: Column) -> str:
    return quoted(f"_raw_{column.name}")


def _is_fraction(column: Column) -> bool:
    return column.type.startswith(FRACTIONS)


def template_of(line: bytes, schema: Sequence[Column], longest: int = 4 << 20) -> Template | None:
    """The template of a line that holds exactly the declared columns, each at the top; None for any other."""
    by_place = {column.place: column for column in schema}
    if any(is_nested(one.type) or one.place.startswith("$.") or _is_odd(one.place) for one in schema):
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
            return Template(tuple(by_place[key] for key in record), comma, colon, longest)
    return None


def _is_odd(place: str) -> bool:
    """Whether JSON would escape the key."""
    return json.dumps(place, ensure_ascii=False) != f'"{place}"'


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
