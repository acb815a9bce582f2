"""Fixed width: columns at declared characters of each line, padded with spaces."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lake.core.contract import Column
from lake.light.dialect import dialect_of
from lake.light.record import lines_of
from lake.light.row import Document, Row
from lake.light.text import utf8_text

RANGE = re.compile(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a line: from `start`, counted from 0, up to before `end`."""

    start: int
    end: int


def span_of(at: str) -> Span:
    """`12-20` are the twelfth to the twentieth character, `7` is the seventh alone. Raises ValueError."""
    found = RANGE.fullmatch(at)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise ValueError(f"{at!r} is no range of characters")
    return Span(int(found[1]) - 1, int(found[2] or found[1]))


def read(document: Document) -> Iterator[Row]:
    """All lines that are not empty, after those to skip."""
    dialect = dialect_of(document.options)
    spans = [span_of(column.at) for column in document.schema]
    nulls = set(dialect.null_values)
    text = utf8_text(document.path, dialect.codec, document.folder / "decoded")
    with text.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        for number, (raw, too_long) in enumerate(lines_of(file, dialect.max_line_bytes), start=1):
            line = raw.rstrip(b"\r\n")
            if number <= dialect.skip or not line:
                continue
            if too_long:
                problem = f"the line is longer than {dialect.max_line_bytes} bytes"
                yield Row(number, (), problem, line.decode("utf-8", "backslashreplace"))
                continue
            yield _row(line, number, document.schema, spans, nulls)


def _row(line: bytes, number: int, schema: Sequence[Column], spans: Sequence[Span], nulls: set[str]) -> Row:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} of the line is not UTF-8: {error.reason}"
        return Row(number, (), problem, line.decode("utf-8", "backslashreplace"))
    end = max(span.end for span in spans)
    if len(text) < end:
        column = next(one for one, span in zip(schema, spans, strict=True) if span.end > len(text))
        return Row(number, (), f"the line has {len(text)} characters, and {column.name!r} stands at {column.at}", text)
    if text[end:].strip(" "):
        return Row(number, (), f"the line goes on after character {end}, where the last column ends", text)
    cells = [text[span.start : span.end].strip(" ") for span in spans]
    return Row(number, [None if cell in nulls else cell for cell in cells])
