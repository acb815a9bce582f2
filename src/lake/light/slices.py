"""A large text in slices, so that several engines can read it; cut where a record ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from lake.light.delimited import Delimited
from lake.light.facts import CHUNK, Examiner, ends_with_null, occurrences, require_utf8
from lake.light.part import Part, Piece

PAIR = 128 << 20
"""For each of these begun, a text is cut in two: slices are large enough for full row groups."""


class Suspicious(Exception):
    """DuckDB would not read the text exactly."""


@dataclass(slots=True)
class _Cut:
    """A slice that is being measured: from the byte `start` on."""

    path: Path
    start: int
    examiner: Examiner
    size: int = 0
    lines: int = 0
    last: bytes = b"\n"

    def take(self, chunk: bytes) -> None:
        self.examiner.take(chunk)
        self.size += len(chunk)
        self.lines += occurrences(chunk, b"\n")
        self.last = chunk[-1:]


@dataclass(slots=True)
class _Cutter:
    text: Delimited
    folder: Path
    quotes: int = 0
    before: int = 0
    lines: int = 0
    cuts: list[_Cut] = field(default_factory=list)

    def begin(self) -> _Cut:
        path = self.folder.with_name(f"{self.folder.name}-{len(self.cuts):03}.csv")
        start = self.cuts[-1].start + self.cuts[-1].size if self.cuts else 0
        cut = _Cut(path, start, Examiner(self.text.dialect))
        self.cuts.append(cut)
        return cut

    def part(self, cut: _Cut, final: bool) -> Part:
        cut.examiner.take(b"\n")
        facts, text = cut.examiner.facts, self.text
        if facts.nul:
            require_utf8(text.path)
        _copy(text.path, cut)
        if facts.spaced or (facts.worded and ends_with_null(cut.path, text.dialect)):
            raise Suspicious
        skip = text.skip if cut is self.cuts[0] else 0
        records = cut.lines + (cut.last != b"\n") - skip
        later = cut is not self.cuts[0]
        piece = Piece(cut.path, text.source, cut.path, self.before, records, self.lines, headless=later)
        self.before += records
        self.lines += cut.lines
        return Part("csv", (piece,), text.columns, text.dialect, skip, final=final, nulls_are_read=facts.worded)

    def end_of_record(self, chunk: bytes, start: int) -> int:
        """Where a line ends from `start` on that is not inside quotes; -1 if nowhere in the chunk."""
        quote = self.text.dialect.quote.encode()
        end = chunk.find(b"\n", start) + 1
        count = self.quotes + (chunk.count(quote, 0, end) if quote else 0)
        while end and count % 2:
            last, end = end, chunk.find(b"\n", end) + 1
            count += chunk.count(quote, last, end)
        return end or -1


def _copy(source: Path, cut: _Cut) -> None:
    """Write the slice to its own file; the bytes do not pass through Python."""
    with source.open("rb") as file, cut.path.open("wb") as out:
        done = 0
        while done < cut.size:
            done += os.sendfile(out.fileno(), file.fileno(), cut.start + done, cut.size - done)


def slices_of(text: Delimited, folder: Path) -> Iterator[Part]:
    """Parts of one slice each. Raises Suspicious, or Rejected(ENCODING) for a NUL, also after some parts.

    A slice that was cut inside a cell after all is noticed by its number of records.
    """
    if len(text.columns) == 1 or (text.dialect.quote and not text.dialect.doubles_quotes):
        raise Suspicious
    target = ceil(text.size / (2 * ceil(text.size / PAIR)))
    quote = text.dialect.quote.encode()
    cutter = _Cutter(text, folder)
    cut = cutter.begin()
    with text.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            end = -1
            if cut.size + len(chunk) >= target:
                end = cutter.end_of_record(chunk, max(target - cut.size, 0))
            if end >= 0:
                cut.take(chunk[:end])
                yield cutter.part(cut, final=False)
                cut = cutter.begin()
            if rest := chunk[end:] if end >= 0 else chunk:
                cut.take(rest)
            cutter.quotes += occurrences(chunk, quote) if quote else 0
    yield cutter.part(cut, final=True)
