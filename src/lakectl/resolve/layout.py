"""How a table's files are laid out: partitions that Iceberg can make of the columns, and an order that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lake.core.type import is_nested
from lakectl.resolve.column import Columns, names_of
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.finding import Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest, with_article

_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
_OF_TIME = re.compile(r"(year|month|day|hour)\(\s*([a-z][a-z0-9_]*)\s*\)\Z")
_OF_NUMBER = re.compile(r"(bucket|truncate)\(\s*([1-9]\d{0,5})\s*,\s*([a-z][a-z0-9_]*)\s*\)\Z")
_ORDER = re.compile(r"([a-z][a-z0-9_]*)(?: (asc|desc))?\Z")
PARTITION_FORMS = "col, year(col), month(col), day(col), hour(col), bucket(n, col), truncate(n, col)"
ORDER_FORMS = "col, col asc, col desc"
TIMES = ("year", "month", "day", "hour")


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition as written: its transform ("" is the column itself), the column, the number of a bucket or width."""

    text: str
    transform: str
    column: str
    number: str = ""

    @property
    def kind(self) -> str:
        """What Iceberg takes from one column only once."""
        return "time" if self.transform in TIMES else self.transform

    @property
    def names(self) -> tuple[str, ...]:
        """What Iceberg calls the partition, where the table is made and where it is changed."""
        if not self.transform:
            return ()
        short = f"{self.column}_{'trunc' if self.transform == 'truncate' else self.transform}"
        return (short, f"{short}_{self.number}") if self.number else (short,)


def layout_problems(dataset: Loaded[DatasetSpec], columns: Columns) -> Iterator[Finding]:
    yield from _partition_problems(dataset, columns)
    yield from _sort_problems(dataset, columns)


def _partition_problems(dataset: Loaded[DatasetSpec], columns: Columns) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Partition] = {}
    for number, text in enumerate(dataset.spec.table.partition):
        partition = read_partition(text)
        for message, hint in _problems(text, partition, columns):
            yield dataset.document.finding(("table", "partition", number), message, hint)
        if partition is None:
            continue
        before = seen.setdefault((partition.kind, partition.column), partition)
        if before is not partition:
            message = f"{text!r} and {before.text!r} are made of the same column in the same way."
            yield dataset.document.finding(("table", "partition", number), message, "Keep the finer one.")


def _problems(text: str, partition: Partition | None, columns: Columns) -> Iterator[tuple[str, str]]:
    types = {column.name: column.type for column in columns}
    if partition is None:
        yield f"{text!r} is not a partition.", f"Known: {PARTITION_FORMS}."
    elif columns and partition.column not in types:
        yield f"{partition.column!r} is not a column of the table.", nearest(partition.column, types)
    elif columns and not _can_partition(partition.transform, types[partition.column]):
        yield f"{text!r} cannot be made of {with_article(types[partition.column])}.", f"Known: {PARTITION_FORMS}."
    elif taken := [name for name in partition.names if name in types]:
        yield f"Iceberg calls {text!r} {taken[0]!r}, which is a column of the table.", "Rename that column."


def _can_partition(transform: str, kind: str) -> bool:
    """Source types of each transform: https://iceberg.apache.org/spec/#partition-transforms"""
    if transform == "hour":
        return kind == "timestamp"
    if transform in TIMES:
        return kind in ("date", "timestamp")
    if transform == "bucket":
        return kind not in ("boolean", "float", "double") and not is_nested(kind)
    if transform == "truncate":
        return kind in ("string", "int", "bigint", "binary") or kind.startswith("decimal")
    return kind not in ("float", "double", "binary") and not is_nested(kind)


def _sort_problems(dataset: Loaded[DatasetSpec], columns: Columns) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, text in enumerate(dataset.spec.table.sort):
        found = _ORDER.match(text)
        place = ("table", "sort", number)
        if found is None:
            yield dataset.document.finding(place, f"{text!r} is not an order.", f"Known: {ORDER_FORMS}.")
        elif columns and found[1] not in names_of(columns):
            hint = nearest(found[1], names_of(columns))
            yield dataset.document.finding(place, f"{found[1]!r} is not a column of the table.", hint)
        elif any(is_nested(column.type) for column in columns if column.name == found[1]):
            message = f"{found[1]!r} is nested; rows are not compared by such columns."
            yield dataset.document.finding(place, message, "Sort by another.")
        elif found[1] in seen:
            yield dataset.document.finding(place, f"{found[1]!r} is sorted by already.", "Remove it.")
        else:
            seen.add(found[1])


def read_partition(text: str) -> Partition | None:
    """The partition that a text names; None if it names none."""
    if found := _OF_TIME.match(text):
        return Partition(text, found[1], found[2])
    if found := _OF_NUMBER.match(text):
        return Partition(text, found[1], found[3], found[2])
    return Partition(text, "", text) if _PLAIN.match(text) else None


def partition_of(text: str) -> str:
    """A partition in one spelling."""
    return re.sub(r"\s*,\s*", ", ", re.sub(r"\(\s+|\s+\)", lambda found: found[0].strip(), text))


def order_of(text: str) -> str:
    """An order in one spelling: ascending goes without saying."""
    return text.removesuffix(" asc")
