"""How Athena prints values, and what it calls their types."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result: its name and Trino's name of its type."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0

    def info(self) -> dict[str, Any]:
        """The `ColumnInfo` of GetQueryResults."""
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.type,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.type in ("varchar", "string", "char"),
        }

    def stored(self) -> dict[str, Any]:
        return asdict(self)


_WHOLE = {8: ("tinyint", 3), 16: ("smallint", 5), 32: ("integer", 10), 64: ("bigint", 19)}
VARCHAR = 2147483647


def result_column(name: str, kind: pa.DataType, *, whole: bool = False) -> ResultColumn:
    """What Athena says of a column of this Arrow type; `whole`: a sum of integers, which Trino keeps as bigint."""
    types = pa.types
    if types.is_boolean(kind):
        return ResultColumn(name, "boolean")
    if types.is_integer(kind):
        return ResultColumn(name, *_WHOLE[kind.bit_width])
    if types.is_decimal(kind):
        if whole:
            return ResultColumn(name, "bigint", 19)
        return ResultColumn(name, "decimal", kind.precision, kind.scale)
    if types.is_float32(kind):
        return ResultColumn(name, "float", 17)
    if types.is_floating(kind):
        return ResultColumn(name, "double", 17)
    if types.is_date(kind):
        return ResultColumn(name, "date")
    if types.is_timestamp(kind):
        return ResultColumn(name, "timestamp with time zone" if kind.tz else "timestamp", 3)
    if types.is_time(kind):
        return ResultColumn(name, "time", 3)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return ResultColumn(name, "varbinary", 1073741824)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return ResultColumn(name, "array")
    if types.is_map(kind):
        return ResultColumn(name, "map")
    if types.is_struct(kind):
        return ResultColumn(name, "row")
    if types.is_interval(kind):
        return ResultColumn(name, "interval day to second")
    return ResultColumn(name, "varchar", VARCHAR)


def printer(kind: pa.DataType) -> Callable[[Any], str]:
    """How a value of this Arrow type, never None, is printed."""
    types = pa.types
    if types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if types.is_floating(kind):
        return _single if types.is_float32(kind) else _double
    if types.is_timestamp(kind):
        return _zoned if kind.tz else _timestamp
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = _nested(kind.value_type)
        return lambda value: "[" + ", ".join(inner(item) for item in value) + "]"
    if types.is_map(kind):
        key, item = _nested(kind.key_type), _nested(kind.item_type)
        return lambda value: "{" + ", ".join(f"{key(k)}={item(v)}" for k, v in value) + "}"
    if types.is_struct(kind):
        fields = [(at, kind.field(at).name, _nested(kind.field(at).type)) for at in range(kind.num_fields)]
        return lambda value: (
            "{" + ", ".join(f"{_name(at, name)}={show(value[name])}" for at, name, show in fields) + "}"
        )
    return _interval if types.is_interval(kind) else _plain


def _nested(kind: pa.DataType) -> Callable[[Any], str]:
    show = printer(kind)
    return lambda value: "null" if value is None else show(value)


def _name(at: int, name: str) -> str:
    """A field of a row; one without a name is called by its place."""
    return f"field{at}" if name in ("", f"_{at}") else name


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex(" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.time):
        return value.isoformat("milliseconds")
    return str(value)


def _interval(value: Any) -> str:
    """Months as `1-2`; days and time as `3 04:05:06.789`."""
    if value.months:
        return f"{value.months // 12}-{value.months % 12}"
    rest, milliseconds = divmod(value.nanoseconds // 1_000_000, 1000)
    return f"{value.days} {rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.{milliseconds:03}"


def _timestamp(value: dt.datetime) -> str:
    return value.isoformat(" ", "milliseconds")


def _zoned(value: dt.datetime) -> str:
    return f"{value.replace(tzinfo=None).isoformat(' ', 'milliseconds')} UTC"


def _double(value: float) -> str:
    """As Java prints a double: `1.0`, `1.0E10`, `NaN`, `Infinity`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else f"{Decimal(repr(value)):f}"
    digits = Decimal(repr(value)).normalize().as_tuple()
    exponent = len(digits.digits) + int(digits.exponent) - 1
    text = "".join(map(str, digits.digits))
    return f"{'-' if digits.sign else ''}{text[0]}.{text[1:] or '0'}E{exponent}"


def _single(value: float) -> str:
    """The shortest digits that give the same single-precision number."""
    return _double(float(pa.scalar(value, pa.float32()).cast(pa.string()).as_py()))
