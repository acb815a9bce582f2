"""A dataset's table: its columns exist, its mode makes sense."""

from __future__ import annotations

from collections.abc import Iterator

from lake.core.type import is_nested
from lakectl.resolve.column import (
    Columns,
    is_derived,
    names_of,
    published_columns,
    reused_problems,
    source_columns,
    staged_columns,
    table_columns,
)
from lakectl.resolve.layout import layout_problems
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.document import Location
from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest, with_article
from lakectl.specs.text import Text
from lakectl.sql.condition import condition_problems
from lakectl.sql.statement import parse_condition


def table_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    spec, document = dataset.spec, dataset.document
    yield from reused_problems(dataset)
    yield from _doubles(dataset, ("schema",), source_columns(spec), source_columns(spec))
    yield from _doubles(dataset, ("light", "schema"), spec.light.columns or (), staged_columns(spec))
    yield from _doubles(dataset, ("table", "schema"), spec.table.columns or (), table_columns(spec))
    yield from _format_problems(dataset)
    yield from _mode_problems(dataset)
    columns = table_columns(spec)
    nested = {column.name for column in columns if is_nested(column.type)}
    for key in ("keys", "order_by"):
        for number, name in enumerate(getattr(spec.table, key)):
            if columns and name not in names_of(columns):
                hint = nearest(name, names_of(columns))
                yield document.finding(("table", key, number), f"{name!r} is not a column of the table.", hint)
            elif name in nested:
                message = f"{name!r} is nested; rows are not compared by such columns."
                yield document.finding(("table", key, number), message, "Take a part of it out in a transform.")
    yield from layout_problems(dataset, published_columns(spec) if columns else ())


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
        elif column.format and "%" not in column.format:
            message = f"{column.format!r} is not in strptime's terms: it has no %."
            hint = "Write it like %Y-%m-%d or %d.%m.%Y %H:%M:%S."
            yield dataset.document.finding(("schema", number, "format"), message, hint)


def _mode_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    table, document = dataset.spec.table, dataset.document
    if table.mode != "history" and table.validity is not None:
        message = f"means nothing in mode {table.mode!r}."
        yield document.finding(("table", "validity"), message, "Remove it, or use mode 'history'.", at_key=True)
    if table.mode in ("merge", "history"):
        if not table.keys:
            yield document.finding(("table", "keys"), f"mode {table.mode!r} needs keys.", "Add keys: [column, …].")
        yield from _delete_problems(dataset)
        if table.mode == "history":
            yield from _history_problems(dataset)
        return
    for key in ("keys", "order_by", "delete_when"):
        if getattr(table, key):
            message = f"means nothing in mode {table.mode!r}."
            yield document.finding(("table", key), message, "Remove it, or use mode 'merge'.", at_key=True)


def _history_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    """A history needs rows that tell their time, and three names that no column has."""
    table, document = dataset.spec.table, dataset.document
    if is_derived(dataset.spec):
        message = "mode 'history' of a derived dataset is not built yet: its rows do not say when they became true."
        yield document.finding(("table", "mode"), message, "Use 'merge', or keep the history of an input.")
        return
    columns = table_columns(dataset.spec)
    names = table.validity_names
    for key, name in zip(("valid_from", "valid_to", "is_current"), names, strict=True):
        place: Location = ("table", "validity", key) if table.validity else ("table", "mode")
        if name in names_of(columns):
            message = f"mode 'history' adds a column {name!r}, and the table has one."
            yield document.finding(place, message, f"Write validity: {{{key}: another name}}.")
        elif names.count(name) > 1:
            yield document.finding(place, f"{name!r} names two columns.", "Choose another name.")
    yield from _event_time_problems(dataset, columns)


def _event_time_problems(dataset: Loaded[DatasetSpec], columns: Columns) -> Iterator[Finding]:
    table, document = dataset.spec.table, dataset.document
    column = next((one for one in columns if one.name in table.order_by[:1]), None)
    if column is None:
        return
    place: Location = ("table", "order_by", 0)
    if column.type not in ("date", "timestamp"):
        message = f"{column.name!r} is {with_article(column.type)}; the first of order_by says when a version began."
        hint = "Put a date or a timestamp first, or leave order_by out: then it is when the object was put."
        yield document.finding(place, message, hint)
    elif column.nullable:
        message = f"{column.name!r} may be null, and then nobody knows when a version began."
        yield document.finding(place, message, "Declare it with nullable: false.")
    if column.name in table.keys:
        message = f"{column.name!r} is a key too, so that no key would ever have a second version."
        yield document.finding(place, message, "Take it out of keys.")


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
