"""Columns in Spark's words, and frames that must have exactly the declared ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrame, types
from pyspark.sql import functions as fn

from lake.core.contract import PROVENANCE, Column
from lake.core.errors import SpecError
from lake.core.type import DECIMAL, Array, Map, Struct, Type, is_nested, parse_type

PROVENANCE_NAMES = tuple(column.name for column in PROVENANCE)

TYPES = {
    "string": types.StringType(),
    "boolean": types.BooleanType(),
    "int": types.IntegerType(),
    "bigint": types.LongType(),
    "float": types.FloatType(),
    "double": types.DoubleType(),
    "date": types.DateType(),
    "timestamp": types.TimestampNTZType(),
    "binary": types.BinaryType(),
}
WIDENS = {
    "int": {"bigint", "double"},
    "smallint": {"int", "bigint", "float", "double"},
    "tinyint": {"smallint", "int", "bigint", "float", "double"},
    "float": {"double"},
    "timestamp": {"timestamp_ntz"},
}
"""Casts that keep every value. Sessions run in UTC, so an instant and its UTC timestamp are the same."""
INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}


def spark_type(declared: str) -> types.DataType:
    if is_nested(declared):
        return _nested(parse_type(declared))
    decimal = DECIMAL.fullmatch(declared)
    return types.DecimalType(int(decimal[1]), int(decimal[2])) if decimal else TYPES[declared]


def _nested(type_: Type) -> types.DataType:
    if isinstance(type_, Array):
        return types.ArrayType(_nested(type_.element))
    if isinstance(type_, Map):
        return types.MapType(types.StringType(), _nested(type_.value))
    if isinstance(type_, Struct):
        return types.StructType([types.StructField(name, _nested(field)) for name, field in type_.fields])
    return spark_type(type_.name)


def schema_of(columns: Iterable[Column]) -> types.StructType:
    return types.StructType([types.StructField(column.name, spark_type(column.type)) for column in columns])


def keeps_values(source: types.DataType, target: types.DataType) -> bool:
    """Whether a cast from one type to the other changes no value, whatever the value.

    Nested types must be the same, but for what they say of nulls: Spark casts the fields of structs by place.
    """
    if isinstance(source, types.NullType) or source.simpleString() == target.simpleString():
        return True
    if isinstance(target, types.DecimalType):
        room = target.precision - target.scale
        if isinstance(source, types.DecimalType):
            return bool(source.scale <= target.scale and source.precision - source.scale <= room)
        return bool(INTEGER_DIGITS.get(source.simpleString(), 99) <= room)
    return str(target.simpleString()) in WIDENS.get(source.simpleString(), ())


def shaped(frame: DataFrame, columns: Sequence[Column], origin: str) -> DataFrame:
    """Exactly these columns, in their order and types; `origin` names in errors what made the frame."""
    given = {field.name: field.dataType for field in frame.schema.fields}
    declared = schema_of(columns)
    missing = [name for name in declared.names if name not in given]
    extra = [name for name in given if name not in declared.names]
    if missing or extra or len(given) != len(frame.columns):
        raise SpecError(_misfit(origin, missing, extra, frame.columns))
    return frame.select(*(_cast(field, given[field.name], origin) for field in declared.fields))


def quoted(name: str) -> str:
    return f"`{name}`"


def _cast(field: types.StructField, given: types.DataType, origin: str) -> fn.Column:
    column = fn.col(quoted(field.name))
    if given == field.dataType:
        return column
    if keeps_values(given, field.dataType):
        return column.cast(field.dataType).alias(field.name)
    raise SpecError(
        f"{origin} gives column '{field.name}' as {given.simpleString()}, the table declares "
        f"{field.dataType.simpleString()}, and that cast could change values. Cast it there, or declare the other type."
    )


def _misfit(origin: str, missing: list[str], extra: list[str], given: list[str]) -> str:
    faults = []
    if missing:
        faults.append(f"lacks {', '.join(missing)}")
    if extra:
        faults.append(f"has undeclared {', '.join(extra)}")
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        faults.append(f"names {', '.join(twice)} more than once")
    hint = "Keep the provenance columns in append and merge." if set(missing) & set(PROVENANCE_NAMES) else ""
    return f"The result of {origin} {' and '.join(faults)}. Select exactly the columns of table.schema. {hint}".strip()
