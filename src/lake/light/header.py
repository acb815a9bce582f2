"""The header of a delimited file: columns bind by name, never by place."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from lake.core.contract import Column
from lake.core.errors import Rejected


def bound_columns(names: Sequence[str], schema: Sequence[Column]) -> tuple[str, ...]:
    """The columns in the order of the header's names; raises Rejected(HEADER) unless each is there once."""
    columns = {column.place: column.name for column in schema}
    return tuple(columns[name] for name in bound(names, list(columns)))


def bound(names: Sequence[str], declared: Sequence[str]) -> Sequence[str]:
    """The names if they are the declared ones in any order; raises Rejected(HEADER) otherwise."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    missing = [name for name in declared if name not in set(names)]
    unknown = [name for name in names if name not in set(declared)]
    wrong = []
    if twice:
        wrong.append(f"{_listed(twice)} stands more than once")
    if missing:
        wrong.append(f"{_listed(missing)} is missing")
    if unknown:
        wrong.append(f"{_listed(unknown)} is not declared" + _nearest(unknown, missing or declared))
    if wrong:
        raise Rejected("HEADER", f"header: {'; '.join(wrong)}. Declared: {', '.join(declared)}")
    return names


def _listed(names: Sequence[str], most: int = 10) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _nearest(unknown: Sequence[str], known: Sequence[str]) -> str:
    guesses = [(name, get_close_matches(name, known, 1)) for name in unknown[:10]]
    found = [f"did you mean {near[0]!r} for {name[:80]!r}?" for name, near in guesses if near]
    return f" ({' '.join(found)})" if found else ""
