"""Parquet objects: the file's schema must be the declared one, or widen to it without loss."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lake.core.contract import Column
from lake.core.errors import Rejected
from lake.core.type import DECIMAL, Array, Map, Simple, Type, parse_type
from lake.light.binding import path_of
from lake.light.engine import EngineError
from lake.light.sql import text

WIDENS = {
    "string": {"VARCHAR"},
    "binary": {"BLOB"},
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
    "timestamp": {
        "TIMESTAMP",
        "TIMESTAMP_S",
        "TIMESTAMP_MS",
        "TIMESTAMP_NS",
        "TIMESTAMP WITH TIME ZONE",
        "TIMESTAMPTZ_NS",
    },
    "int": {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"},
    "bigint": {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"},
    "float": {"TINYINT", "SMALLINT", "UTINYINT", "USMALLINT", "FLOAT"},
    "double": {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE"},
}
"""For each declared type, DuckDB's names of the types that hold nothing it cannot hold.

But for nanoseconds, which are looked at cell by cell: most files that count them hold whole microseconds.
"""
NANOSECONDS = re.compile(r"\bTIMESTAMP(TZ)?_NS\b")

WHOLE_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10}


def parquet_columns(engine: Any, path: Path, schema: Sequence[Column]) -> tuple[tuple[tuple[str, str], ...], int]:
    """Names and types in the file, and its number of rows. Raises Rejected: CORRUPT, SCHEMA."""
    source = f"FROM read_parquet({text(str(path))})"
    try:
        found = {name: kind for name, kind, *_ in engine.execute(f"SELECT * {source} LIMIT 0").description}
        rows = int(engine.execute(f"SELECT count(*) {source}").fetchone()[0])
    except EngineError as error:
        raise Rejected("CORRUPT", unreadable(error, path)) from error
    wrong = [said for column in schema if (said := _mismatch(column, found))]
    declared = [path_of(column.place)[0] for column in schema]
    for name in sorted(found.keys() - set(declared)):
        near = get_close_matches(name, [one for one in declared if one not in found], 1)
        wrong.append(f"{name!r} is not declared" + (f" (did you mean {near[0]!r}?)" if near else ""))
    if wrong:
        raise Rejected("SCHEMA", f"schema: {'; '.join(wrong)}")
    return tuple((column.name, str(_inside(found, column))) for column in schema), rows


def unreadable(error: Exception, path: Path) -> str:
    """What is said of a file that is no Parquet: the engine's words, without the place where it lay for reading."""
    said = str(error).replace(f"file '{path}'", "the file").replace(str(path), "the file").splitlines()[0][:300]
    return f"the object is not readable Parquet; is it whole? {said}"


def _inside(found: Mapping[str, Any], column: Column) -> Any:
    """The file's type at a column's place; None if nothing is there."""
    first, *rest = path_of(column.place)
    kind = found.get(first)
    for name in rest:
        kind = dict(kind.children).get(name) if kind is not None and kind.id == "struct" else None
    return kind


def _mismatch(column: Column, found: Mapping[str, Any]) -> str:
    kind = _inside(found, column)
    if kind is None:
        return f"{column.place!r} is missing"
    if _widens(kind, parse_type(column.type)):
        return ""
    return f"{column.place!r} is {kind} in the file, which does not widen to {column.type} without loss"


def _widens(found: Any, declared: Type) -> bool:
    """As `widens`, part by part; the fields of a struct must be the same, in any order."""
    if isinstance(declared, Simple):
        return widens(str(found), declared.name)
    parts = dict(found.children) if found.id in ("struct", "list", "map") else {}
    if isinstance(declared, Array):
        return found.id == "list" and _widens(parts["child"], declared.element)
    if isinstance(declared, Map):
        return found.id == "map" and str(parts["key"]) == "VARCHAR" and _widens(parts["value"], declared.value)
    same = found.id == "struct" and parts.keys() == {name for name, _ in declared.fields}
    return same and all(_widens(parts[name], field) for name, field in declared.fields)


def widens(found: str, declared: str) -> bool:
    """Whether every value of DuckDB's type `found` is a value of the declared type."""
    decimal = DECIMAL.fullmatch(declared)
    if decimal is None:
        return found in WIDENS.get(declared, ())
    whole = int(decimal[1]) - int(decimal[2])
    if found in WHOLE_DIGITS:
        return WHOLE_DIGITS[found] <= whole
    other = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", found)
    return bool(other) and int(other[2]) <= int(decimal[2]) and int(other[1]) - int(other[2]) <= whole  # type: ignore[index]
