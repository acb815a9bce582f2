"""Rows of a query as rows of a table: the columns' order, and only the changes of type that Trino makes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.query import Answer
from lakelocal.inside.athena.type_name import trino_name

_ORDER: tuple[Callable[[Any], bool], ...] = (
    pa.types.is_int8,
    pa.types.is_int16,
    pa.types.is_int32,
    pa.types.is_int64,
    pa.types.is_decimal,
    pa.types.is_float32,
    pa.types.is_float64,
)
CHUNK = 250_000
"""Rows that are held at a time."""


def fitted(answer: Answer, schema: pa.Schema, columns: Sequence[str] = ()) -> Iterator[pa.Table]:
    """The rows as tables of this schema, a few at a time. Raises QueryFailed before the first if the types do not fit.

    `columns` are those that the statement names; the others stay empty.
    """
    wanted = [_field(schema, name) for name in columns] if columns else list(schema)
    given = [pa.int64() if column.type == "bigint" else kind for column, kind in _given(answer)]
    _check(wanted, given)
    return _chunks(answer, schema, {field.name: at for at, field in enumerate(wanted)})


def _given(answer: Answer) -> list[tuple[Any, pa.DataType]]:
    return list(zip(answer.columns, answer.schema.types, strict=True))


def _field(schema: pa.Schema, name: str) -> pa.Field:
    for field in schema:
        if field.name.lower() == name:
            return field
    raise QueryFailed(f"COLUMN_NOT_FOUND: Insert column name does not exist in target table: {name}")


def _check(wanted: Sequence[pa.Field], given: Sequence[pa.DataType]) -> None:
    if len(wanted) == len(given) and all(_fits(kind, field.type) for field, kind in zip(wanted, given, strict=True)):
        return
    table = ", ".join(trino_name(field.type) for field in wanted)
    query = ", ".join("unknown" if pa.types.is_null(kind) else trino_name(kind) for kind in given)
    raise QueryFailed(
        f"TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [{table}], Query: [{query}]"
    )


def _fits(given: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_null(given) or trino_name(given) == trino_name(wanted):
        return True
    if pa.types.is_decimal(given) and pa.types.is_decimal(wanted):
        before = wanted.precision - wanted.scale >= given.precision - given.scale
        return bool(before and wanted.scale >= given.scale)
    if pa.types.is_date(given) and pa.types.is_timestamp(wanted):
        return True
    ranks = [next((at for at, matches in enumerate(_ORDER) if matches(kind)), None) for kind in (given, wanted)]
    if None not in ranks:
        return bool(ranks[0] < ranks[1])
    return _nested_fits(given, wanted)


def _nested_fits(given: pa.DataType, wanted: pa.DataType) -> bool:
    types = pa.types
    if types.is_list(given) and types.is_list(wanted):
        return _fits(given.value_type, wanted.value_type)
    if types.is_map(given) and types.is_map(wanted):
        return _fits(given.key_type, wanted.key_type) and _fits(given.item_type, wanted.item_type)
    if types.is_struct(given) and types.is_struct(wanted) and given.num_fields == wanted.num_fields:
        return all(_fits(given.field(at).type, wanted.field(at).type) for at in range(given.num_fields))
    return False


def _chunks(answer: Answer, schema: pa.Schema, places: dict[str, int]) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    for batch in answer.batches:
        held.append(_arranged(batch, schema, places))
        if sum(one.num_rows for one in held) >= CHUNK:
            yield pa.Table.from_batches(held, schema)
            held = []
    if held:
        yield pa.Table.from_batches(held, schema)


def _arranged(batch: pa.RecordBatch, schema: pa.Schema, places: dict[str, int]) -> pa.RecordBatch:
    arrays = [
        _cast(batch.column(places[field.name]), field) if field.name in places else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(array: pa.Array, field: pa.Field) -> pa.Array:
    try:
        return pc.cast(array, field.type)
    except pa.ArrowInvalid as error:
        raise QueryFailed(f"NUMERIC_VALUE_OUT_OF_RANGE: column {field.name}: {error}") from error
