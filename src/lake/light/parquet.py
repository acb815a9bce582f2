"""Parquet objects: the file's schema must be the declared one, or widen to it without loss."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from lake.core.contract import DECIMAL, Column
from lake.core.errors import Rejected
from lake.light.sql import text

WIDENS = {
    "string": {"VARCHAR"},
    "binary": {"BLOB"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
    "timestamp": {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"},
    "int": {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"},
    "bigint": {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"},
    "float": {"TINYINT", "SMALLINT", "UTINYINT", "USMALLINT", "FLOAT"},
    "double": {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE"},
}
"""For each declared type, DuckDB's names of the types that hold nothing it cannot hold."""

WHOLE_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10}


def parquet_columns(engine: Any, path: Path, schema: Sequence[Column]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Names and types in the file, and its number of rows. Raises Rejected: CORRUPT, SCHEMA."""
    source = text(str(path))
    try:
        found = {name: type_ for name, type_, *_ in engine.execute(f"DESCRIBE FROM read_parquet({source})").fetchall()}
        rows = int(engine.execute(f"SELECT count(*) FROM read_parquet({source})").fetchone()[0])
    except duckdb.Error as error:
        raise Rejected("CORRUPT", f"the object is not readable Parquet: {str(error).splitlines()[0][:300]}") from error
    wrong = [said for column in schema if (said := _mismatch(column, found))]
    for name in sorted(found.keys() - {column.name for column in schema}):
        near = get_close_matches(name, [column.name for column in schema if column.name not in found], 1)
        wrong.append(f"{name!r} is not declared" + (f" (did you mean {near[0]!r}?)" if near else ""))
    if wrong:
        raise Rejected("SCHEMA", f"schema: {'; '.join(wrong)}")
    return tuple((column.name, found[column.name]) for column in schema), rows


def _mismatch(column: Column, found: dict[str, str]) -> str:
    if column.name not in found:
        return f"{column.name!r} is missing"
    type_ = found[column.name]
    if widens(type_, column.type):
        return ""
    return f"{column.name!r} is {type_} in the file, which does not widen to {column.type} without loss"


def widens(found: str, declared: str) -> bool:
    """Whether every value of DuckDB's type `found` is a value of the declared type."""
    decimal = DECIMAL.fullmatch(declared)
    if decimal is None:
        return found in WIDENS[declared]
    whole = int(decimal[1]) - int(decimal[2])
    if found in WHOLE_DIGITS:
        return WHOLE_DIGITS[found] <= whole
    other = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", found)
    return bool(other) and int(other[2]) <= int(decimal[2]) and int(other[1]) - int(other[2]) <= whole  # type: ignore[index]
