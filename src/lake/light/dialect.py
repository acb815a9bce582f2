"""How the text of a delimited file is to be understood."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dataset's `source.options`, with the defaults of RFC 4180.

    `null_values` is the whole list of words that mean null: where it lacks "", an empty cell is an empty text.
    A quoted word is text in a string column, and null in any other.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    header: bool = True
    null_values: tuple[str, ...] = ("",)
    encoding: str = "utf-8"
    skip: int = 0
    max_ratio: int = 200
    max_line_bytes: int = 4 * 1024 * 1024
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()

    @property
    def codec(self) -> str:
        """Python's canonical name of the encoding."""
        return codecs.lookup(self.encoding).name

    @property
    def doubles_quotes(self) -> bool:
        return self.escape == self.quote


def dialect_of(options: Mapping[str, Any]) -> Dialect:
    """The dialect that a compiled dataset declares; the compiler has refused unknown options."""
    known = {name: value for name, value in options.items() if name in Dialect.__dataclass_fields__}
    for name in ("null_values", "true_values", "false_values"):
        if name in known:
            known[name] = tuple(str(value) for value in known[name])
    if "quote" in known:
        known.setdefault("escape", known["quote"])
    return Dialect(**known)
