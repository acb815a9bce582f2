"""A question as the user wrote it, and as Athena gets it: `aviation.flights` is `lake_dev_aviation.flights` there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from lakectl.failure import Failure

_ASIDE = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/)", re.DOTALL)
"""Texts, names in quotes and comments: nothing in them is a team."""
_BEFORE = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_CHANGE_WORDS = """
alter create deallocate delete drop grant insert merge msck optimize prepare refresh revoke truncate unload update
vacuum
"""
_CHANGES = frozenset(_CHANGE_WORDS.split())


@dataclass(frozen=True)
class Question:
    """SQL, the teams whose names may stand in it, and what leads the name of their databases."""

    sql: str
    teams: tuple[str, ...]
    lead: str

    @cached_property
    def resolved(self) -> str:
        """The SQL with each team's database in place of the team; text in quotes stays as it is."""
        found, last = [], 0
        for at in self._places:
            found += [self.sql[last:at], self.lead]
            last = at
        return "".join([*found, self.sql[last:]])

    @cached_property
    def tables(self) -> tuple[tuple[str, str], ...]:
        """Team and table, as often as they are named."""
        named = (re.match(r"(\w+)\s*\.\s*\"?(\w+)", self.sql[at:]) for at in self._places)
        return tuple((match[1], match[2]) for match in named if match)

    def renamed(self, tables: Mapping[tuple[str, str], str]) -> str:
        """The SQL as it was written, with other tables in place of these."""
        found, last = [], 0
        for at in self._places:
            match = re.match(r"(\w+)\s*\.\s*\"?(\w+)", self.sql[at:])
            if match and (match[1], match[2]) in tables:
                found += [self.sql[last : at + match.start(2)], tables[match[1], match[2]]]
                last = at + match.end(2)
        return "".join([*found, self.sql[last:]])

    def said(self, message: str) -> str:
        """Athena's words about the resolved SQL as words about the SQL that the user wrote."""

        def place(match: re.Match[str]) -> str:
            return f"line {match[1]}:{int(match[2]) - self._added(int(match[1]), int(match[2]))}"

        theirs = re.compile(rf"\b(?:awsdatacatalog\.)?{re.escape(self.lead)}(?=(?:{self._names})\b)")
        return theirs.sub("", re.sub(r"\bline (\d+):(\d+)", place, message))

    def check(self) -> None:
        """Raise Failure where there is nothing to ask, or what would change something."""
        if not _BEFORE.sub("", self.sql, count=1).strip(" \n;"):
            raise Failure('There is nothing to ask. For instance: lake query "show tables"')
        if self._first in _CHANGES:
            raise Failure(
                f"`lake query` asks and changes nothing, so {self._first.upper()} is refused. Tables follow their "
                "datasets: change datasets/<team>/<dataset>/ and `lake deploy`; a view is a file in its views/. For "
                "all else, use Athena's console or `aws athena`."
            )
        if (count := self._count) > 1:
            raise Failure(f"`lake query` asks one question at a time, and these are {count}: ask them one by one.")

    @property
    def _count(self) -> int:
        """How many statements these are; comments, texts and names in quotes hide what they hold."""
        bare = "".join(
            piece if number % 2 == 0 else ("" if piece.startswith(("--", "/*")) else "x")
            for number, piece in enumerate(_ASIDE.split(self.sql))
        )
        return sum(1 for statement in bare.split(";") if statement.strip())

    @cached_property
    def _first(self) -> str:
        """The word that says what kind of statement it is, in small letters."""
        found = re.match(r"[A-Za-z]+", _BEFORE.sub("", self.sql, count=1))
        return found[0].lower() if found else ""

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """Where a team's name stands before a dot, or after the IN or FROM of a SHOW."""
        before_dot = rf"(?<![\w.])(?:{self._names})(?=\s*\.)"
        of_show = rf"(?i:(?<=\sin\s)|(?<=\sfrom\s))(?:{self._names})\b(?!\s*\.)"
        pattern = re.compile(f"{before_dot}|{of_show}" if self._first == "show" else before_dot)
        found, at = [], 0
        for number, piece in enumerate(_ASIDE.split(self.sql)):
            if number % 2 == 0:
                found += [at + match.start() for match in pattern.finditer(piece)]
            at += len(piece)
        return tuple(found)

    @property
    def _names(self) -> str:
        return "|".join(sorted(map(re.escape, self.teams), key=len, reverse=True)) or r"(?!)"

    def _added(self, line: int, column: int) -> int:
        """Characters that the databases' names put before a place of the resolved SQL."""
        added = 0
        for at in self._places:
            if self.sql.count("\n", 0, at) + 1 == line and at - self.sql.rfind("\n", 0, at) + added < column:
                added += len(self.lead)
        return added


def question(sql: str, teams: Collection[str], domain: str, environment: str) -> Question:
    return Question(sql, tuple(sorted(teams)), f"{domain}_{environment}_")
