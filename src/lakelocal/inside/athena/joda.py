"""Joda's date patterns, which format_datetime and parse_datetime take, as strftime's."""

from __future__ import annotations

from sqlglot import exp

from lakelocal.inside.athena.failure import QueryFailed

_JODA = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("M", "%-m"), ("dd", "%d"),
    ("d", "%-d"), ("HH", "%H"), ("H", "%-H"), ("hh", "%I"), ("h", "%-I"), ("mm", "%M"), ("m", "%-M"), ("ss", "%S"),
    ("s", "%-S"), ("SSS", "%g"), ("a", "%p"), ("EEEE", "%A"), ("EEE", "%a"), ("DDD", "%j"), ("ZZ", "%z"), ("Z", "%z"),
)  # fmt: skip


def strftime(pattern: exp.Expression) -> str:
    """A Joda pattern as strftime's."""
    if not isinstance(pattern, exp.Literal):
        raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: a date pattern that is not a literal")
    return strftime_of(pattern.name)


def strftime_of(left: str) -> str:
    """A Joda pattern, given as text, as strftime's."""
    out = ""
    while left:
        if left[0] == "'":
            inside, _, left = left[1:].partition("'")
            out += inside.replace("%", "%%") or "'"
            continue
        for joda, own in _JODA:
            if left.startswith(joda):
                out, left = out + own, left[len(joda) :]
                break
        else:
            if left[0].isalpha():
                raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: '{left[0]}' in a date pattern")
            out, left = out + left[0].replace("%", "%%"), left[1:]
    return out
