"""Names and values in the SQL of each zone's engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from lake.core.quality import Zone

Dialect = Literal["duckdb", "spark"]
DIALECTS: dict[Zone, Dialect] = {"stage": "duckdb", "analytics": "spark"}


def identifier(name: str, dialect: Dialect) -> str:
    return f'"{name}"' if dialect == "duckdb" else f"`{name}`"


def text(value: str, dialect: Dialect) -> str:
    """A string. Spark reads a backslash as an escape, DuckDB as itself."""
    if dialect == "duckdb":
        return "'" + value.replace("'", "''") + "'"
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literal(value: Decimal | str, column_type: str, dialect: Dialect) -> str:
    """A value to be compared with a column of this type."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if column_type == "date":
        return f"DATE {text(value, dialect)}"
    if column_type == "timestamp":
        return f"{'TIMESTAMP' if dialect == 'duckdb' else 'TIMESTAMP_NTZ'} {text(value, dialect)}"
    return text(value, dialect)
