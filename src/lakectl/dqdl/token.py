"""The words of a DQDL rule, each with its offset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.text import Text

Kind = Literal["word", "text", "number", "sign", "end"]

_PATTERN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>!=|>=|<=|[=<>\[\](),])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is what a text means: without its quotes, and with `\\"` as `"`."""

    kind: Kind
    value: str
    start: int
    end: int
    plain: bool = True
    """Whether offsets in the value are offsets in the rule."""


def tokens_of(text: Text) -> list[Token]:
    """All tokens, with an end token; raises BrokenSpecs at the first character that begins none."""
    return [*_tokens(text), Token("end", "", len(text.sql), len(text.sql))]


def _tokens(text: Text) -> Iterator[Token]:
    at = 0
    while at < len(text.sql):
        found = _PATTERN.match(text.sql, at)
        if found is None:
            raise BrokenSpecs.of(_unreadable(text, at))
        kind = found.lastgroup
        if kind == "text":
            inner = found[0][1:-1]
            yield Token("text", inner.replace('\\"', '"'), at, found.end(), '\\"' not in inner)
        elif kind in ("number", "word", "sign"):
            yield Token(kind, found[0], at, found.end())  # type: ignore[arg-type]
        at = found.end()


def _unreadable(text: Text, at: int) -> Finding:
    character = text.sql[at]
    if character == '"':
        return text.finding(at, "a text is opened here and never closed.", 'Close it with ".')
    if character == "'":
        return text.finding(at, "DQDL writes names and texts in double quotes.", "Write \" in place of '.")
    if character.isdigit() or character == "-":
        word = re.match(r"[-\w.,]+", text.sql[at:])
        return text.finding(at, f"{word[0] if word else character!r} is not a number.", "Write it like -12 or 0.95.")
    return text.finding(at, f"{character!r} means nothing in DQDL here.")
