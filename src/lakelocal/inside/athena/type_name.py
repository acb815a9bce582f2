"""What Trino and Hive call the type of an Arrow column."""

from __future__ import annotations

import pyarrow as pa

from lakelocal.inside.athena.failure import QueryFailed

_HIVE = {"integer": "int", "real": "float", "varchar": "string", "varbinary": "binary", "json": "string"}


def trino_name(kind: pa.DataType, *, whole: bool = False) -> str:
    """Trino's name; `whole`: a sum of integers, which Trino keeps as bigint."""
    types = pa.types
    for matches, name in (
        (types.is_boolean, "boolean"),
        (types.is_int8, "tinyint"),
        (types.is_int16, "smallint"),
        (types.is_int32, "integer"),
        (types.is_integer, "bigint"),
        (types.is_float32, "real"),
        (types.is_floating, "double"),
        (types.is_date, "date"),
        (types.is_time, "time(3)"),
        (types.is_interval, "interval day to second"),
        (_is_binary, "varbinary"),
    ):
        if matches(kind):
            return name
    if types.is_decimal(kind):
        return "bigint" if whole else f"decimal({kind.precision},{kind.scale})"
    if types.is_timestamp(kind):
        return "timestamp(3) with time zone" if kind.tz else "timestamp(3)"
    if _is_list(kind):
        return f"array({trino_name(kind.value_type)})"
    if types.is_map(kind):
        return f"map({trino_name(kind.key_type)}, {trino_name(kind.item_type)})"
    if types.is_struct(kind):
        fields = (kind.field(at) for at in range(kind.num_fields))
        return f"row({', '.join(f'{field.name} {trino_name(field.type)}' for field in fields)})"
    return "varchar"


def hive_name(kind: pa.DataType, *, whole: bool = False) -> str:
    """Hive's name, which the Glue catalog keeps. Raises QueryFailed for a type that no table can hold."""
    types = pa.types
    if _is_list(kind):
        return f"array<{hive_name(kind.value_type)}>"
    if types.is_map(kind):
        return f"map<{hive_name(kind.key_type)},{hive_name(kind.item_type)}>"
    if types.is_struct(kind):
        fields = (kind.field(at) for at in range(kind.num_fields))
        return f"struct<{','.join(f'{field.name}:{hive_name(field.type)}' for field in fields)}>"
    if types.is_timestamp(kind) and not kind.tz:
        return "timestamp"
    name = trino_name(kind, whole=whole)
    if types.is_timestamp(kind) or types.is_time(kind) or types.is_interval(kind):
        raise QueryFailed(f"NOT_SUPPORTED: Unsupported Hive type: {name}")
    return _HIVE.get(name, name)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
