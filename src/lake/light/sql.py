"""Text that goes into SQL, and the SQL names of declared types."""

from __future__ import annotations

from collections.abc import Iterable

from lake.core.type import DECIMAL, Array, Map, Struct, Type, is_nested, parse_type

TYPES = {
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "binary": "BLOB",
}


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A value as a SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Values as a SQL list of strings."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def sql_type(declared: str) -> str:
    """DuckDB's name of a declared type."""
    if is_nested(declared):
        return _nested(parse_type(declared))
    if decimal := DECIMAL.fullmatch(declared):
        return f"DECIMAL({decimal[1]}, {decimal[2]})"
    return TYPES[declared]


def _nested(type_: Type) -> str:
    if isinstance(type_, Array):
        return f"{_nested(type_.element)}[]"
    if isinstance(type_, Map):
        return f"MAP(VARCHAR, {_nested(type_.value)})"
    if isinstance(type_, Struct):
        return f"STRUCT({', '.join(f'{quoted(name)} {_nested(field)}' for name, field in type_.fields)})"
    return sql_type(type_.name)
