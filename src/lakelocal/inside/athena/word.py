"""The words of a statement, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^'\\]|''|\\.)*')
    |(?P<quoted>`(?:[^`]|``)*`|"(?:[^"]|"")*")
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, and where it stands; `kind` is string, quoted, number, name or sign."""

    text: str
    kind: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        kind, word = str(found.lastgroup), found[0]
        if kind == "space":
            continue
        if kind == "string":
            word = _ESCAPE.sub(lambda escape: _CONTROL.get(escape[1], escape[1]) if escape[1] else "'", word[1:-1])
        elif kind == "quoted":
            word = word[1:-1].replace(word[0] * 2, word[0])
        yield Word(word, kind, found.start(), found.end() - 1)


def place(text: str, offset: int) -> str:
    """`line 1:8`, as Trino says where."""
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}:{offset - (before.rfind(chr(10)) + 1) + 1}"
