"""Patterns that every engine reads alike, in time that grows with the text and no faster."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

_PARSER: Any = re._parser  # type: ignore[attr-defined]
_OPCODES: Any = re._constants  # type: ignore[attr-defined]


def problem_with_pattern(pattern: str) -> tuple[str, str] | None:
    """What is wrong with a pattern, and the next step; nothing if RE2 and Java both read it, and read it the same."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _PARSER.parse(pattern)
    except re.error as error:
        return f"{pattern!r} is not a pattern: {error.msg}.", "Correct it."
    refused = next(_refused(tree), "")
    if refused:
        return f"{refused} in {pattern!r} is refused: it can take for ever.", "Write it without."
    if _alternatives_outside(pattern):
        return f"{pattern!r} has alternatives outside of parentheses.", f"Write '({pattern})'."
    return None


def _refused(tree: Any, repeated: bool = False) -> Iterator[str]:
    """Constructs that RE2 lacks, and repeats inside repeats, which make Java's engine try every way to split a text."""
    for code, argument in tree:
        if code is _OPCODES.GROUPREF or code is _OPCODES.GROUPREF_EXISTS:
            yield "a back reference"
        elif code in (_OPCODES.ASSERT, _OPCODES.ASSERT_NOT):
            yield "a look-around"
        elif code in (_OPCODES.ATOMIC_GROUP, _OPCODES.POSSESSIVE_REPEAT):
            yield "a possessive group"
        elif code in (_OPCODES.MAX_REPEAT, _OPCODES.MIN_REPEAT):
            _, most, inner = argument
            if repeated and most > 1:
                yield "a repeat inside a repeat"
            yield from _refused(inner, repeated or most == _OPCODES.MAXREPEAT)
        elif code is _OPCODES.SUBPATTERN:
            yield from _refused(argument[-1], repeated)
        elif code is _OPCODES.BRANCH:
            for branch in argument[1]:
                yield from _refused(branch, repeated)


def _alternatives_outside(pattern: str) -> bool:
    depth, in_class, at = 0, False, 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            at += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "|" and depth == 0:
            return True
        at += 1
    return False
