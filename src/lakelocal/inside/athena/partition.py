"""The partitions of a plain table that a query can find rows in: registered ones, or projected ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pyiceberg.expressions.visitors import expression_evaluator
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import DateType, IntegerType, LongType, NestedField, StringType
from sqlglot import exp

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import partitions_of
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.iceberg_type import iceberg_type
from lakelocal.inside.athena.projection import is_projected, projected
from lakelocal.inside.athena.pushdown import row_filter

TRINO = {"int": "integer", "long": "bigint"}
"""Iceberg's names of types that Trino calls otherwise."""
NULL = "__HIVE_DEFAULT_PARTITION__"


def partitions(
    caller: Caller, table: Mapping[str, Any], filters: Sequence[exp.Expression]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values and location of each partition that these conditions leave over."""
    keys = [str(key["Name"]).lower() for key in table["PartitionKeys"]]
    may_match = _pruning(table["PartitionKeys"], filters)
    if is_projected(table):
        found = projected(table, keys, _asked(keys, filters), dt.datetime.now(dt.UTC).replace(tzinfo=None))
    else:
        listed = partitions_of(caller, str(table["DatabaseName"]), str(table["Name"]))
        found = ((tuple(one["Values"]), str(one["StorageDescriptor"]["Location"])) for one in listed)
    yield from ((values, location) for values, location in found if may_match(values))


def _asked(keys: Sequence[str], filters: Sequence[exp.Expression]) -> dict[str, set[str]]:
    """The values that `key = …` or `key IN (…)` leaves over, as text."""
    found: dict[str, set[str]] = {}
    for part in filters:
        column = part.this
        if not isinstance(column, exp.Column) or column.name.lower() not in keys:
            continue
        values = part.expressions if isinstance(part, exp.In) else [part.args.get("expression")]
        if isinstance(part, exp.EQ | exp.In) and values and all(isinstance(one, exp.Literal) for one in values):
            told = {one.name for one in values}
            found[column.name.lower()] = found.get(column.name.lower(), told) & told
    return found


def _pruning(keys: Sequence[Mapping[str, Any]], filters: Sequence[exp.Expression]) -> Callable[[tuple[str, ...]], bool]:
    """Whether a partition of these values can hold rows that the query wants; when in doubt it can."""
    fields = [_field(number, key) for number, key in enumerate(keys, 1)]
    known = {field.name: field for field in fields if field is not None}
    if len(known) < len(keys):
        return lambda values: True
    evaluator = expression_evaluator(Schema(*known.values()), row_filter(filters, known), case_sensitive=True)

    def may_match(values: tuple[str, ...]) -> bool:
        row = Record(*(_value(text, field) for text, field in zip(values, known.values(), strict=True)))
        return bool(evaluator(row))

    return may_match


def _field(number: int, key: Mapping[str, Any]) -> NestedField | None:
    """A key as a field that values can be compared with, or None for other types."""
    text = str(key["Type"])
    kind = (
        StringType()
        if text.startswith(("varchar", "char"))
        else LongType()
        if text in ("tinyint", "smallint")
        else None
    )
    kind = kind or iceberg_type(text)
    if not isinstance(kind, StringType | IntegerType | LongType | DateType):
        return None
    return NestedField(number, str(key["Name"]).lower(), kind, required=False)


def _value(text: str, field: NestedField) -> Any:
    if text == NULL:
        return None
    try:
        if isinstance(field.field_type, DateType):
            return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days
        return text if isinstance(field.field_type, StringType) else int(text)
    except ValueError as error:
        kind = TRINO.get(str(field.field_type), str(field.field_type))
        raise QueryFailed(
            f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{text}' for {kind} partition key: {field.name}"
        ) from error
