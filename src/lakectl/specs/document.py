"""A YAML file as plain values, each with its place: strict YAML 1.2, without anchors, aliases or tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml  # type: ignore[import-untyped]

from lakectl.specs.finding import BrokenSpecs, Finding, Findings
from lakectl.specs.text import Text

MOST_BYTES = 256 * 1024
MOST_DEPTH = 32
MOST_VALUES = 20_000

Location = tuple[str | int, ...]
Event = Any

_LOADER = getattr(yaml, "CLoader", yaml.Loader)
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, object] = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}


@dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file. `places` holds where each value starts, `keys` where the key stands that leads to it."""

    path: str
    data: Any
    places: dict[Location, Place]
    keys: dict[Location, Place]
    verbatim: dict[Location, Place] = field(default_factory=dict)
    """Where the first character of a text stands that is written on one line and without escapes."""

    def place(self, *location: str | int) -> Place:
        """Where the value at this location starts; of a missing one, where what should hold it starts."""
        return _nearest(self.places, location)

    def text(self, location: Location, value: str) -> Text:
        """A text of another language in this file, so that its mistakes are shown where they are."""
        place = self.verbatim.get(location)
        found = place or self.place(*location)
        return Text(self.path, value, found.line, found.column, place is not None, name_of(location))

    def finding(self, location: Location, message: str, hint: str = "", at_key: bool = False) -> Finding:
        place = _nearest(self.keys if at_key and location in self.keys else self.places, location)
        return Finding(self.path, place.line, place.column, name_of(location), message, hint)

    def warning(self, location: Location, message: str, hint: str = "") -> Finding:
        place = self.place(*location)
        return Finding(self.path, place.line, place.column, name_of(location), message, hint, "warning")


def name_of(location: Location) -> str:
    """`table.keys[2]` for ("table", "keys", 2)."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def _nearest(places: dict[Location, Place], location: Location) -> Place:
    for end in range(len(location), -1, -1):
        if location[:end] in places:
            return places[location[:end]]
    return Place(1, 1)


_HINTS = {"mapping values are not allowed in this context": "Indent keys alike, and quote a text that holds ': '."}


def read_document(path: str, text: str) -> Document:
    """Read one YAML file; raises BrokenSpecs with the first thing that is not plain, strict YAML 1.2."""
    if len(text.encode()) > MOST_BYTES:
        raise _broken(path, Place(1, 1), f"the file is larger than {MOST_BYTES // 1024} KB.", "Split it.")
    try:
        return _Composer(path, yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        lines = text.splitlines()
        if place.line <= len(lines) and "\t" in lines[place.line - 1][: place.column]:
            raise _broken(path, place, "not YAML: a tab stands here.", "Indent with spaces.") from error
        said = error.problem or error.context or "it cannot be read"
        raise _broken(path, place, f"not YAML: {said}.", _HINTS.get(said, "")) from error
    except yaml.YAMLError as error:
        raise _broken(path, Place(1, 1), f"not YAML: {str(error).splitlines()[0]}.") from error


def _broken(path: str, place: Place, message: str, hint: str = "") -> BrokenSpecs:
    return BrokenSpecs(Findings([Finding(path, place.line, place.column, "", message, hint)]))


class _Composer:
    """Turns the parser's events into values and places, within the caps."""

    def __init__(self, path: str, events: Iterator[Event]) -> None:
        self.path = path
        self.events = events
        self.values = 0
        self.places: dict[Location, Place] = {}
        self.keys: dict[Location, Place] = {}
        self.verbatim: dict[Location, Place] = {}

    def document(self) -> Document:
        data: Any = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refused(event, "a second document begins here.", "Keep one document in a file.")
                data = self._value(next(self.events), ())
        return Document(self.path, data, self.places, self.keys, self.verbatim)

    def _value(self, event: Event, location: Location) -> Any:
        self._check(event, location)
        self.places[location] = _place(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(location)
        quotes = 0 if event.style is None else 1
        width = event.end_mark.column - event.start_mark.column
        if event.start_mark.line == event.end_mark.line and width == len(event.value) + 2 * quotes:
            self.verbatim[location] = Place(event.start_mark.line + 1, event.start_mark.column + 1 + quotes)
        return _scalar(event)

    def _mapping(self, location: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in iter(self.events.__next__, None):
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event)
            inside = (*location, key)
            if key in mapping:
                first = self.keys[inside]
                raise self._refused(event, f"the key '{key}' stands twice; first in line {first.line}.", "Keep one.")
            self.keys[inside] = _place(event)
            mapping[key] = self._value(next(self.events), inside)
        return mapping

    def _sequence(self, location: Location) -> list[Any]:
        items: list[Any] = []
        for event in iter(self.events.__next__, None):
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, (*location, len(items))))
        return items

    def _key(self, event: Event) -> str:
        self._check(event, ())
        key = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if not isinstance(key, str):
            raise self._refused(event, "a key must be text.", "Put it in quotes.")
        if key == "<<":
            raise self._refused(event, "merge keys are not YAML 1.2.", "Write the values out.")
        return key

    def _check(self, event: Event, location: Location) -> None:
        self.values += 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._refused(event, "anchors and aliases are refused.", "Write the value out.")
        if getattr(event, "tag", None):
            raise self._refused(event, f"the tag '{event.tag}' is refused.", "Write a plain value.")
        if len(location) > MOST_DEPTH:
            raise self._refused(event, f"nested deeper than {MOST_DEPTH} levels.", "Nothing here needs that.")
        if self.values > MOST_VALUES:
            raise self._refused(event, f"more than {MOST_VALUES} values.", "Split the file.")

    def _refused(self, event: Event, message: str, hint: str) -> BrokenSpecs:
        return _broken(self.path, _place(event), message, hint)


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _scalar(event: Event) -> object:
    """A plain scalar by YAML 1.2's core schema, but 0123 stays text, as nobody can tell which number was meant."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text) if len(text) < 20 else text
    if _FLOAT.match(text):
        return float(text)
    return text
