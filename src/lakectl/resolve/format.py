"""How a source's files are laid out: options that the format takes, and where in a file each column stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lake.core.format import FACTS_OF_BINARY
from lake.core.type import is_nested
from lake.light.binary import CONTENT_TYPES
from lakectl.resolve.column import source_columns
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import DatasetSpec, DropSource
from lakectl.specs.finding import Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest, with_article
from lakectl.specs.option import OPTIONS

Complaint = tuple[str, str]
"""What is wrong, and the next step."""

RANGE = re.compile(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?\Z")
STEP = r"[^\s/@$.\[\]]+"
XML_WAY = re.compile(rf"\.|(?:{STEP}/)*(?:@?{STEP})\Z")
NESTED_IN = ("jsonl", "json", "avro", "parquet", "orc", "xml")

KINDS_BY_ENDING = {kind.rpartition("/")[2]: kind for kind in CONTENT_TYPES} | {"jpg": "image/jpeg", "tif": "image/tiff"}


def format_problems(dataset: Loaded[DatasetSpec], source: DropSource) -> Iterator[Finding]:
    yield from _option_problems(dataset, source)
    columns = source_columns(dataset.spec)
    for number, column in enumerate(columns):
        for message, hint in _type_problems(column, source.format):
            yield dataset.document.finding(("schema", number, "type"), message, hint)
        for message, hint in _place_problems(column, source):
            key = "at" if column.at else "name"
            yield dataset.document.finding(("schema", number, key), message, hint)
    yield from _same_place(dataset, columns)


def _option_problems(dataset: Loaded[DatasetSpec], source: DropSource) -> Iterator[Finding]:
    document, written, known = dataset.document, source.options.written(), OPTIONS[source.format]
    for name in written:
        if name not in known:
            of = ", ".join(format_ for format_, options in OPTIONS.items() if name in options)
            takes = f"takes {', '.join(known)}" if known else "has none"
            message = f"{name!r} is an option of {of}; {source.format} {takes}."
            yield document.finding(("source", "options", name), message, "Remove it.", at_key=True)
    if source.format == "xml" and not source.options.row:
        hint = "Add options: {row: root/element}, the path to the elements that are rows."
        yield document.finding(("source", "options"), "xml needs the option row.", hint, at_key=True)
    for number, kind in enumerate(source.options.content_types or ()):
        if kind not in CONTENT_TYPES:
            place, message = ("source", "options", "content_types", number), f"{kind!r} is not told from first bytes."
            yield document.finding(place, message, nearest(kind, CONTENT_TYPES, KINDS_BY_ENDING))
    marks = [one for one in (source.options.delimiter, source.options.quote) if one]
    if len(set(marks)) < len(marks):
        message = "delimiter and quote are the same character."
        yield document.finding(("source", "options", "quote"), message, "Choose another for one of them.")


def _type_problems(column: ColumnSpec, format_: str) -> Iterator[Complaint]:
    if not is_nested(column.type):
        if format_ == "binary" and FACTS_OF_BINARY.get(column.place) not in (None, column.type):
            yield f"{column.place!r} is {with_article(FACTS_OF_BINARY[column.place])}.", "Declare that type."
        return
    if format_ not in NESTED_IN:
        yield f"{format_} has no nested cells.", f"Declare a string. Nested: {', '.join(NESTED_IN)}."
    elif "binary" in column.type:
        yield "binary inside of a nested type is not built yet.", "Declare a column of its own, or a string."
    elif format_ == "xml" and (not column.type.startswith("array<") or is_nested(column.type[len("array<") :])):
        yield (
            f"xml gives arrays of simple types, not {column.type}.",
            "Declare array<string>, or columns.",
        )


def _place_problems(column: ColumnSpec, source: DropSource) -> Iterator[Complaint]:
    if source.format == "fixed" and not column.at:
        yield f"{column.name!r} has no place in the line.", "Add at: 12-20, the characters where it stands."
    if source.format == "binary" and column.place not in FACTS_OF_BINARY:
        yield f"{column.place!r} is nothing that is known of a binary object.", nearest(column.place, FACTS_OF_BINARY)
    if column.at and source.options.header is False:
        yield "without a header, columns stand in the order of schema.", "Remove it."
    elif column.at and source.format in PLACES:
        is_valid, hint = PLACES[source.format]
        if not is_valid(column.at):
            yield f"{column.at!r} is not a place in {source.format}.", hint


def _is_range(at: str) -> bool:
    found = RANGE.match(at)
    return bool(found) and int(found[2] or found[1]) >= int(found[1])  # type: ignore[index]


def _is_way(at: str) -> bool:
    return not at.startswith("$") or (at.startswith("$.") and all(at[2:].split(".")))


def _is_xml_way(at: str) -> bool:
    return bool(XML_WAY.match(at))


_KEYS = "Write a key as it stands in the file, or the way to it: $.plane.tail."
PLACES: dict[str, tuple[Callable[[str], bool], str]] = {
    "fixed": (_is_range, "Write the characters where it stands, from 1: 12-20."),
    "jsonl": (_is_way, _KEYS),
    "json": (_is_way, _KEYS),
    "avro": (_is_way, _KEYS),
    "parquet": (_is_way, _KEYS),
    "xml": (_is_xml_way, "Write it like title, price/@currency, @id, or . for the row's own text."),
}


def _same_place(dataset: Loaded[DatasetSpec], columns: tuple[ColumnSpec, ...]) -> Iterator[Finding]:
    """Two columns at one place, or one inside of what the other takes whole."""
    ways: dict[tuple[str, ...], str] = {}
    for number, column in enumerate(columns):
        way = tuple(column.place[2:].split(".")) if column.place.startswith("$.") else (column.place,)
        for other, name in ways.items():
            if way[: len(other)] == other or other[: len(way)] == way:
                message = f"{column.place!r} is taken by {name!r} already."
                key = "at" if column.at else "name"
                yield dataset.document.finding(("schema", number, key), message, "Give each column its own place.")
                break
        ways.setdefault(way, column.name)
