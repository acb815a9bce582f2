"""A dataset's table: its columns exist, its mode makes sense, its partitions can be made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.resolve.column import Columns, names_of, reused_problems, source_columns, staged_columns, table_columns
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.document import Location
from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest, with_article
from lakectl.specs.text import Text
from lakectl.sql.condition import condition_problems
from lakectl.sql.statement import parse_condition

_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
_OF_TIME = re.compile(r"(year|month|day|hour)\(\s*([a-z][a-z0-9_]*)\s*\)\Z")
_OF_NUMBER = re.compile(r"(bucket|truncate)\(\s*([1-9]\d{0,5})\s*,\s*([a-z][a-z0-9_]*)\s*\)\Z")
PARTITION_FORMS = "col, year(col), month(col), day(col), hour(col), bucket(n, col), truncate(n, col)"


def table_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    spec, document = dataset.spec, dataset.document
    yield from reused_problems(dataset)
    yield from _doubles(dataset, ("schema",), source_columns(spec), source_columns(spec))
    yield from _doubles(dataset, ("light", "schema"), spec.light.columns or (), staged_columns(spec))
    yield from _doubles(dataset, ("table", "schema"), spec.table.columns or (), table_columns(spec))
    yield from _format_problems(dataset)
    yield from _mode_problems(dataset)
    columns = table_columns(spec)
    for key in ("keys", "order_by"):
        for number, name in enumerate(getattr(spec.table, key)):
            if columns and name not in names_of(columns):
                hint = nearest(name, names_of(columns))
                yield document.finding(("table", key, number), f"{name!r} is not a column of the table.", hint)
    for number, text in enumerate(spec.table.partition):
        for message, hint in _partition_problems(text, columns):
            yield document.finding(("table", "partition", number), message, hint)


def _doubles(
    dataset: Loaded[DatasetSpec], location: Location, written: tuple[ColumnSpec | str, ...], columns: Columns
) -> Iterator[Finding]:
    """Names that stand twice in what was written, or come twice out of it."""
    names = names_of(columns) if written else ()
    for name in sorted({name for name in names if names.count(name) > 1}):
        numbers = [at for at, one in enumerate(written) if (one if isinstance(one, str) else one.name) == name]
        place: Location = (*location, numbers[-1]) if numbers else location
        yield dataset.document.finding(place, f"{name!r} is declared twice.", "Keep one.")


def _format_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    for number, column in enumerate(source_columns(dataset.spec)):
        if column.format and column.type not in ("date", "timestamp"):
            message = f"{column.name!r} is {with_article(column.type)}; a format is for dates and timestamps."
            yield dataset.document.finding(("schema", number, "format"), message, "Remove it.")


def _mode_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    table, document = dataset.spec.table, dataset.document
    if table.mode == "merge":
        if not table.keys:
            yield document.finding(("table", "keys"), "mode 'merge' needs keys.", "Add keys: [column, …].")
        yield from _delete_problems(dataset)
        return
    for key in ("keys", "order_by", "delete_when"):
        if getattr(table, key):
            message = f"means nothing in mode {table.mode!r}."
            yield document.finding(("table", key), message, "Remove it, or use mode 'merge'.", at_key=True)


def _delete_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    condition = dataset.spec.table.delete_when
    if not condition:
        return
    place = dataset.document.place("table", "delete_when")
    text = Text(dataset.path, condition, place.line, place.column, exact=False, where="table.delete_when")
    try:
        tree = parse_condition(text, "spark")
    except BrokenSpecs as broken:
        yield from broken.findings
        return
    yield from condition_problems(text, tree, names_of(table_columns(dataset.spec)))


def _partition_problems(text: str, columns: Columns) -> Iterator[tuple[str, str]]:
    types = {column.name: column.type for column in columns}
    of_time, of_number = _OF_TIME.match(text), _OF_NUMBER.match(text)
    name = of_time[2] if of_time else of_number[3] if of_number else text
    if not _PLAIN.match(name):
        yield f"{text!r} is not a partition.", f"Known: {PARTITION_FORMS}."
    elif columns and name not in types:
        yield f"{name!r} is not a column of the table.", nearest(name, types)
    elif columns and not _can_partition(of_time[1] if of_time else of_number[1] if of_number else "", types[name]):
        yield f"{text!r} cannot be made of {with_article(types[name])}.", f"Known: {PARTITION_FORMS}."


def _can_partition(form: str, kind: str) -> bool:
    if form == "hour":
        return kind == "timestamp"
    if form in ("year", "month", "day"):
        return kind in ("date", "timestamp")
    if form == "bucket":
        return kind not in ("boolean", "float", "double")
    if form == "truncate":
        return kind in ("string", "int", "bigint", "binary") or kind.startswith("decimal")
    return kind not in ("float", "double", "binary")


def partition_of(text: str) -> str:
    """A partition in one spelling."""
    return re.sub(r"\s*,\s*", ", ", re.sub(r"\(\s+|\s+\)", lambda found: found[0].strip(), text))
