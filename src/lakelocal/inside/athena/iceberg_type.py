"""Types of Athena's DDL as Iceberg types."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from pyiceberg import types as iceberg

from lakelocal.inside.athena.failure import ddl_failed

_PRIMITIVES: dict[str, type[iceberg.PrimitiveType]] = {
    "boolean": iceberg.BooleanType,
    "int": iceberg.IntegerType,
    "integer": iceberg.IntegerType,
    "bigint": iceberg.LongType,
    "long": iceberg.LongType,
    "float": iceberg.FloatType,
    "double": iceberg.DoubleType,
    "date": iceberg.DateType,
    "timestamp": iceberg.TimestampType,
    "timestamptz": iceberg.TimestamptzType,
    "time": iceberg.TimeType,
    "string": iceberg.StringType,
    "binary": iceberg.BinaryType,
    "uuid": iceberg.UUIDType,
}
_DECIMAL = re.compile(r"decimal\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?$")


def iceberg_type(text: str, ids: Iterator[int] | None = None) -> iceberg.IcebergType:
    """The Iceberg type of a DDL type; `ids` number the fields of nested types.

    Raises QueryFailed for a type that Athena's Iceberg tables do not know, such as smallint.
    """
    ids = ids or itertools.count(1000)
    text = text.strip().lower()
    if text in _PRIMITIVES:
        return _PRIMITIVES[text]()
    if found := _DECIMAL.match(text):
        return iceberg.DecimalType(int(found[1] or 10), int(found[2] or 0))
    if text.endswith(">"):
        kind, _, inside = text[:-1].partition("<")
        if kind.strip() == "array":
            return iceberg.ListType(next(ids), iceberg_type(inside, ids), element_required=False)
        if kind.strip() == "map":
            key, value = _split(inside)
            return iceberg.MapType(
                next(ids), iceberg_type(key, ids), next(ids), iceberg_type(value, ids), value_required=False
            )
        if kind.strip() == "struct":
            return iceberg.StructType(*(_field(part, ids) for part in _split(inside)))
    known = ", ".join(sorted({*_PRIMITIVES, "decimal", "array", "map", "struct"}))
    raise ddl_failed(f"SemanticException Unsupported type '{text}' for an Iceberg table. Known types: {known}")


def _field(text: str, ids: Iterator[int]) -> iceberg.NestedField:
    name, _, kind = text.partition(":")
    return iceberg.NestedField(next(ids), name.strip(), iceberg_type(kind, ids), required=False)


def _split(text: str) -> list[str]:
    """The parts between commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "(<") - (sign in ")>")
        if sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
