"""A piece of another language: a file of SQL or Python, or a value in a YAML file."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property

from lakectl.specs.finding import Finding


@dataclass(frozen=True)
class Text:
    """A piece of SQL and where it lies: a file of its own, or a value in a YAML file.

    `line` and `column` are where it starts; `exact` says that offsets within it are offsets in the file.
    """

    path: str
    sql: str
    line: int = 1
    column: int = 1
    exact: bool = True
    where: str = ""

    def finding(self, offset: int, message: str, hint: str = "") -> Finding:
        if not self.exact:
            return Finding(self.path, self.line, self.column, self.where, message, hint)
        row = bisect.bisect_right(self._starts, offset) - 1
        first = self.column if row == 0 else 1
        return Finding(self.path, self.line + row, first + offset - self._starts[row], self.where, message, hint)

    @cached_property
    def _starts(self) -> list[int]:
        return [0] + [at + 1 for at, character in enumerate(self.sql) if character == "\n"]

    def part(self, offset: int, sql: str, exact: bool = True) -> Text:
        """A piece of this piece that begins at an offset."""
        place = self.finding(offset, "")
        return Text(self.path, sql, place.line, place.column, self.exact and exact, self.where)
