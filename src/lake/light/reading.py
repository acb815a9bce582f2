"""Columns of a part under the contract: from raw cells to values, or to a reason in words."""

from __future__ import annotations

import re

from lake.core.contract import Column
from lake.light.cell import Reading, reading_of
from lake.light.literal import literal_reading
from lake.light.part import Part
from lake.light.relation import raw
from lake.light.sql import quoted, sql_type, text


def readings(part: Part, schema: tuple[Column, ...]) -> list[Reading]:
    """One for each declared column."""
    if part.kind == "parquet":
        return [_typed(column, column.name in part.in_nanoseconds) for column in schema]
    if part.template:
        bare = {
            one.name
            for one, is_string in zip(part.template.columns, part.template.strings, strict=True)
            if not is_string
        }
        return [
            literal_reading(column, raw(column.name), cast(column)) if column.name in bare else _spelled(part, column)
            for column in schema
        ]
    return [_spelled(part, column) for column in schema]


def _spelled(part: Part, column: Column) -> Reading:
    return reading_of(column, raw(column.name), cast(column), part.dialect, part.nulls_are_read)


def cast(column: Column) -> str:
    """The name of what DuckDB's own cast makes of a column's cell."""
    return f"_cast_{column.name}"


def _typed(column: Column, in_nanoseconds: bool) -> Reading:
    """Parquet's cells have their types already, which the file's schema was checked to widen without loss."""
    x, v = quoted(raw(column.name)), quoted(cast(column))
    if in_nanoseconds:
        return _in_nanoseconds(column, x, v)
    lost = f"{v} IS NULL AND {x} IS NOT NULL"
    fits = f"(NOT ({lost}))" if column.nullable else f"({v} IS NOT NULL)"
    return Reading(f"TRY_CAST({x} AS {sql_type(column.type)})", v, fits)


def _in_nanoseconds(column: Column, x: str, v: str) -> Reading:
    """A time fits if it is a whole number of microseconds: DuckDB would round it. It casts no UTC to one at once."""
    counted = re.sub(r'(?<!")\bTIMESTAMP\b(?!")', "TIMESTAMP_NS", sql_type(column.type))
    fits = f"TRY_CAST({v} AS {counted}) IS NOT DISTINCT FROM TRY_CAST({x} AS {counted})"
    known = f"({v} IS NULL) = ({x} IS NULL)" if column.nullable else f"{v} IS NOT NULL"
    return Reading(f"TRY_CAST(TRY_CAST({x} AS {counted}) AS {sql_type(column.type)})", v, f"({fits} AND {known})")


def reason(column: Column, dialect_nulls: tuple[str, ...]) -> str:
    """SQL that says what is wrong with a cell that does not fit: `dep_time: 'abc' is not an int`."""
    x = f"{quoted(raw(column.name))}::VARCHAR"
    words = ", ".join(map(text, dialect_nulls))
    null = f"{x} IS NULL OR {x} IN ({words})" if words else f"{x} IS NULL"
    must = text(f"{column.name}: is null but must not be")
    wrong = f"concat({text(column.name + ': ')}, {shown(x)}, {text(' is not ' + _kind(column))})"
    if column.nullable:
        return wrong
    return f"CASE WHEN {null} THEN {must} ELSE {wrong} END"


def _kind(column: Column) -> str:
    article = "an" if column.type[0] in "aeiou" else "a"
    format_ = f" in the format {column.format}" if column.format else ""
    return f"{article} {column.type}{format_}"


def shown(x: str) -> str:
    """SQL for a text in quotes: at most 80 characters, control characters escaped."""
    json = f"to_json(left({x}, 80))::VARCHAR"
    return f"""concat('''', replace(substr({json}, 2, length({json}) - 2), '\\"', '"'), '''')"""
