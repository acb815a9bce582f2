"""A table as the engine reads it: its columns, the bytes that a scan touches, and its rows as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa


@dataclass(frozen=True)
class Scan:
    """What a query will read of one table. `bytes`: the column chunks' sizes; `rows` if no column is needed."""

    bytes: int
    rows: int | None
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


class Source(Protocol):
    """A stored table."""

    @property
    def columns(self) -> Mapping[str, Any]:
        """What is known of each column, by lower-cased name, in order."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """All columns as Arrow."""
        ...

    def scan(self, wanted: Sequence[str], filters: Sequence[Any], version: Any) -> Scan:
        """Plan to read these columns; rows arrive when the batches are drawn."""
        ...


def trino_types(schema: pa.Schema) -> dict[str, str]:
    """The columns of a schema by what they can be compared with; nested ones are left out."""
    kinds = pa.types
    families = (
        (kinds.is_boolean, "boolean"),
        (kinds.is_integer, "bigint"),
        (kinds.is_floating, "double"),
        (kinds.is_decimal, "decimal"),
        (kinds.is_date, "date"),
        (kinds.is_timestamp, "timestamp"),
        (lambda kind: kinds.is_string(kind) or kinds.is_large_string(kind), "varchar"),
    )
    named = {}
    for field in schema:
        family = next((name for matches, name in families if matches(field.type)), None)
        if pa.types.is_int32(field.type):
            family = "integer"
        named[field.name.lower()] = family or "varbinary"
    return named
