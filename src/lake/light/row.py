"""A record that Python has read: its cells as exact text, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.core.contract import Column
from lake.light.source import Source


@dataclass(slots=True)
class Row:
    """`line` is where the record starts, 0 where lines mean nothing. With a `problem` the row is set aside, `raw` kept.

    Cells stand in the order of the declared columns; None is null.
    """

    line: int
    cells: Sequence[str | None]
    problem: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader is given: one file, unpacked, and what is declared of it."""

    path: Path
    source: Source
    schema: tuple[Column, ...]
    options: Mapping[str, Any]
    folder: Path
    """For whatever must be written down while reading."""


Read = Callable[[Document], Iterator[Row]]
"""All records of a file, in order, each once. Raises Rejected for a file that cannot be read as a whole."""
