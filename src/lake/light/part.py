"""A part of a batch: what one engine reads in one query, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lake.light.dialect import Dialect
from lake.light.template import Template


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a part: an object's whole text, or a slice of it.

    `source` is the object's place in the batch, `before` the number of its records in earlier slices, `lines` of their
    physical lines, `records` how many records are in this piece. `text` is where its records can be looked up again;
    a later slice is `headless`.
    """

    path: Path
    source: int
    text: Path
    before: int = 0
    records: int = 0
    lines: int = 0
    headless: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Files with the same columns in the same order.

    `kind` is csv or parquet as dropped; joined: the lines of small texts in one file, each led by its piece's place;
    lines of JSON in a `template`; or clean: text that we wrote, where every record begins with its source, number,
    line and, if `quotes_raw`, its raw text in hexadecimal. `counted` says that the pieces' numbers of records are
    known, not guessed from line ends; a guess that is not `trusted` may be too low. `nulls_are_read` has the reader
    make nulls, so that quoted words for null stay text. `final` says that no later slice of the same object counts on
    the number of records here. `left_out` are records that the light transform failed on. `places` are where the
    columns stand in Parquet, if not under their names; `in_nanoseconds` are those whose times it counts so.
    """

    kind: Literal["csv", "parquet", "joined", "clean", "lines"]
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...]
    dialect: Dialect
    skip: int = 0
    counted: bool = False
    trusted: bool = True
    final: bool = True
    nulls_are_read: bool = False
    quotes_raw: bool = False
    left_out: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    in_nanoseconds: frozenset[str] = frozenset()
    template: Template | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(piece.path for piece in self.pieces))

    @property
    def sources(self) -> tuple[int, ...]:
        return tuple(sorted({piece.source for piece in self.pieces}))

    @property
    def has_records(self) -> bool:
        """Whether the records' raw text can be looked up."""
        return self.kind != "parquet" and all(piece.text != piece.path or self.kind == "csv" for piece in self.pieces)

    def of(self, pieces: Sequence[Piece]) -> Part:
        """The same part with some of its pieces."""
        return replace(self, pieces=tuple(pieces))

    def with_counts(self, counts: Sequence[int]) -> Part:
        pieces = tuple(replace(piece, records=count) for piece, count in zip(self.pieces, counts, strict=True))
        return replace(self, pieces=pieces, counted=True)
