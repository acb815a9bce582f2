"""One JSON document that holds records in an array, at the top or under a declared path; read as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TextIO

from lake.core.errors import Rejected
from lake.light.binding import Binding, path_of
from lake.light.dialect import dialect_of
from lake.light.json_value import DECODER
from lake.light.row import Document, Row
from lake.light.text import utf8_text
from lake.light.value import Misfit

CHUNK = 1 << 18
LONGEST_NEIGHBOUR = 64 << 20
"""What stands beside the records in a document may be this long."""
SPACE = " \t\r\n"


def read(document: Document) -> Iterator[Row]:
    """The array's elements. Raises Rejected for a document that is no JSON, or has no array there."""
    dialect = dialect_of(document.options)
    binding = Binding(document.schema, document.options)
    text = utf8_text(document.path, dialect.codec, document.folder / "decoded")
    place = str(document.options.get("path", ""))
    with text.open(encoding="utf-8-sig", newline="") as file:
        stream = _Stream(file)
        try:
            if not stream.next_:
                return
            for line, value, raw in _records(stream, place, dialect.max_line_bytes):
                yield _row(line, value, raw, binding)
            if stream.next_:
                raise stream.wrong("text stands behind the end of the document")
        except UnicodeDecodeError as error:
            raise Rejected("ENCODING", f"the text after line {stream.line} is not UTF-8: {error.reason}") from error


def _row(line: int, value: object, raw: str, binding: Binding) -> Row:
    try:
        return Row(line, binding.cells(value))
    except Misfit as misfit:
        return Row(line, (), str(misfit), raw)


Found = tuple[int, object, str]
"""Line, value and text of a record."""


def _records(stream: _Stream, place: str, most: int) -> Iterator[Found]:
    way = path_of(place) if place not in ("", "$") else ()
    yield from _under(stream, way, place or "$", most, alone=bool(place))


def _under(stream: _Stream, way: tuple[str, ...], place: str, most: int, alone: bool) -> Iterator[Found]:
    """Records at the end of a way. `alone`: an object there is one record, since the way was declared."""
    if way:
        yield from _in_object(stream, way, place, most)
    elif stream.next_ == "[":
        yield from _elements(stream, most)
    elif stream.next_ == "{" and alone:
        yield stream.value(most, "the record")
    else:
        what = "an object" if stream.next_ == "{" else "no array"
        hint = "declare `options: {path: $.the.array}`" if stream.next_ == "{" else "drop an array of objects"
        raise Rejected("SCHEMA", f"line {stream.line}: at {place} the document holds {what}; {hint}")


def _elements(stream: _Stream, most: int) -> Iterator[Found]:
    stream.take("[")
    if stream.next_ == "]":
        stream.take("]")
        return
    while True:
        yield stream.value(most, "the record")
        if stream.next_ == "]":
            stream.take("]")
            return
        stream.take(",")


def _in_object(stream: _Stream, way: tuple[str, ...], place: str, most: int) -> Iterator[Found]:
    if stream.next_ != "{":
        raise Rejected("SCHEMA", f"line {stream.line}: there is no object with {way[0]!r} on the way to {place}")
    stream.take("{")
    met = 0
    while stream.next_ != "}":
        key = stream.value(LONGEST_NEIGHBOUR, "a key")[1]
        if not isinstance(key, str):
            raise stream.wrong("a key is not a string")
        stream.take(":")
        if key == way[0]:
            met += 1
            if met > 1:
                raise stream.wrong(f"{key!r} stands twice on the way to {place}")
            yield from _under(stream, way[1:], place, most, alone=True)
        else:
            stream.value(LONGEST_NEIGHBOUR, f"what stands at {key[:40]!r}")
        if stream.next_ != "}":
            stream.take(",")
            if stream.next_ == "}":
                raise stream.wrong("a key is missing after ','")
    stream.take("}")
    if not met:
        raise Rejected("SCHEMA", f"the document holds nothing at {place}: {way[0]!r} is missing")


class _Stream:
    """A document's text, of which a little is held."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._held, self._at = "", 0
        self._whole = False
        self.line = 1

    @property
    def next_(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            rest = len(self._held)
            while self._at < rest and self._held[self._at] in SPACE:
                self.line += self._held[self._at] == "\n"
                self._at += 1
            if self._at < rest:
                return self._held[self._at]
            if self._whole:
                return ""
            self._more()

    def take(self, wanted: str) -> None:
        if self.next_ != wanted:
            raise self.wrong(f"{wanted!r} is missing")
        self._at += 1

    def value(self, most: int, what: str) -> Found:
        """The next value with its line and text. Raises Rejected if it is longer than `most` characters."""
        if not self.next_:
            raise self.wrong(f"{what} is missing")
        while True:
            start, line = self._at, self.line
            try:
                value, end = DECODER.raw_decode(self._held, start)
            except json.JSONDecodeError as error:
                if self._whole:
                    at = line + self._held.count("\n", start, error.pos)
                    raise Rejected("CORRUPT", f"line {at}: the document is not JSON: {error.msg}") from error
            except RecursionError as error:
                raise Rejected("CORRUPT", f"line {line}: {what} is nested too deeply") from error
            else:
                if end < len(self._held) or self._whole:
                    raw = self._held[start:end]
                    self.line += raw.count("\n")
                    self._at = end
                    return line, value, raw
            if len(self._held) - start > most:
                raise Rejected("TOO_LARGE", f"line {line}: {what} is longer than {most} characters, or has no end")
            self._more()

    def wrong(self, said: str) -> Rejected:
        return Rejected("CORRUPT", f"line {self.line}: the document is not JSON: {said}")

    def _more(self) -> None:
        """Hold as much more as is held, so that long values are not tried over and over."""
        rest = self._held[self._at :]
        piece = self._file.read(max(CHUNK, len(rest)))
        self._whole = not piece
        self._held, self._at = rest + piece, 0
