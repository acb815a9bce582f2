"""A cell of text under a declared type: its value, and whether it was spelled exactly."""

from __future__ import annotations

from dataclasses import dataclass

from lake.core.contract import Column
from lake.core.type import DECIMAL, is_nested
from lake.light.dialect import Dialect
from lake.light.sql import quoted, sql_type, text

DIGITS = r"[+-]?[0-9]+"
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
NOT_FINITE = ("nan", "inf", "infinity")
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6}0*)?)?"
INSTANT = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{CLOCK}(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?"
BASE64 = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
WHOLE_IN = {"float": 2**24, "double": 2**53}
"""Up to here every whole number has its own float or double."""


@dataclass(frozen=True, slots=True)
class Cell:
    """SQL for one column of text. `cast` is computed first, in a query of its own; the others may use it.

    `exact` is true where the text is a valid spelling of the type and nothing of it is lost; null counts as false.
    `plain` is true for the spellings that most cells have, and cheap: a regular expression costs as much as all else.
    """

    cast: str
    value: str
    exact: str
    plain: str = "false"


def cell_of(column: Column, raw: str, cast: str, dialect: Dialect) -> Cell:
    """`raw` names the text, `cast` the column that will hold Cell.cast.

    The text of a nested column is JSON that value.py has written, so that its cast loses nothing.
    """
    x, v = quoted(raw), quoted(cast)
    if is_nested(column.type):
        return Cell(f"CAST({x}::JSON AS {sql_type(column.type)})", v, f"{v} IS NOT NULL")
    if column.type == "string":
        return Cell("NULL", x, f"{x} IS NOT NULL")
    if column.type in ("int", "bigint"):
        exact = f"{v} IS NOT NULL AND {_matches(x, DIGITS)}"
        return Cell(_try_cast(column, x), v, exact, f"{v}::VARCHAR = {x}")
    if column.type in ("float", "double"):
        return Cell(_try_cast(column, x), v, _exact_float(x, v, column.type), _plain_float(x, v, column.type))
    if decimal := DECIMAL.fullmatch(column.type):
        return Cell(_try_cast(column, x), v, _exact_decimal(x, v, int(decimal[2])), f"{v}::VARCHAR = {x}")
    if column.type == "boolean":
        return _boolean(x, v, dialect)
    if column.type == "binary":
        value = f"CASE WHEN {_matches(x, BASE64)} THEN from_base64({x}) END"
        return Cell(value, v, f"{v} IS NOT NULL")
    if column.format:
        return _moment_in(column, x, v)
    if column.type == "date":
        return Cell(f"TRY_CAST({x} AS DATE)", v, f"{v}::VARCHAR = {x} AND strlen({x}) = 10")
    return _timestamp(x, v)


def _try_cast(column: Column, x: str) -> str:
    return f"TRY_CAST({x} AS {sql_type(column.type)})"


def _matches(x: str, pattern: str) -> str:
    return f"regexp_full_match({x}, {text(pattern)})"


def _plain_float(x: str, v: str, type_: str) -> str:
    """Nothing but digits, point and sign at either end, no underscore, and of a usual size."""
    usual = f"abs({v}) < {WHOLE_IN[type_]} AND {v} <> 0"
    return f"{usual} AND {x} >= '-' AND {x} < ':' AND {x}[-1] >= '.' AND NOT contains({x}, '_')"


def _exact_float(x: str, v: str, type_: str) -> str:
    """A number's spelling, not too great, not too small, and whole numbers only where the type has each of them."""
    same = f"TRY_CAST({v} AS HUGEINT) = TRY_CAST({x} AS HUGEINT)"
    whole = f"abs({v}) < {WHOLE_IN[type_]} OR NOT {_matches(x, DIGITS)} OR {same}"
    nonzero = f"{v} <> 0 OR NOT regexp_matches({x}, '^[^eE]*[1-9]')"
    finite = f"isfinite({v}) AND {_matches(x, NUMBER)} AND ({nonzero}) AND ({whole})"
    words = ", ".join(text(sign + word) for word in NOT_FINITE for sign in ("", "+", "-"))
    return f"({finite}) OR (NOT isfinite({v}) AND lower({x}) IN ({words}))"


def _exact_decimal(x: str, v: str, scale: int) -> str:
    """At most `scale` decimal places, but for zeros; TRY_CAST would round the rest away."""
    places = rf"[+-]?([0-9]+(\.[0-9]{{0,{scale}}}0*)?|\.[0-9]{{1,{max(scale, 1)}}}0*)"
    pattern = places if scale else r"[+-]?[0-9]+\.?0*"
    return f"{v} IS NOT NULL AND {_matches(x, pattern)}"


def _boolean(x: str, v: str, dialect: Dialect) -> Cell:
    if dialect.true_values or dialect.false_values:
        word, trues, falses = x, dialect.true_values, dialect.false_values
    else:
        word, trues, falses = f"lower({x})", ("true",), ("false",)
    arms = [(trues, "true"), (falses, "false")]
    whens = " ".join(f"WHEN {word} IN ({', '.join(map(text, words))}) THEN {value}" for words, value in arms if words)
    return Cell(f"CASE {whens} END", v, f"{v} IS NOT NULL")


def _moment_in(column: Column, x: str, v: str) -> Cell:
    """A declared strptime format; where the format says all of the text, the text must be what it would write."""
    parsed = f"try_strptime({x}, {text(column.format)})"
    if "%z" in column.format or "%Z" in column.format:
        parsed = f"make_timestamp(epoch_us({parsed}))"
    value = f"{parsed}::{sql_type(column.type)}"
    exact = f"{v} IS NOT NULL AND trim({x}) = {x}"
    if not any(code in column.format for code in ("%z", "%Z", "%f", "%-")):
        exact += f" AND lower(strftime({v}, {text(column.format)})) = lower({x})"
    return Cell(value, v, exact)


def _timestamp(x: str, v: str) -> Cell:
    """ISO 8601 with a time; an offset is applied, never dropped; 24:00 and leap seconds are not times.

    TRY_CAST to TIMESTAMP drops an offset, so what has one goes another way; most texts are seen not to at a glance,
    and what ends with Z needs one pattern instead of two.
    """
    zoned = f"regexp_matches({x}, '[+-][0-9:]+$')"
    applied = f"make_timestamp(epoch_us(TRY_CAST({x} AS TIMESTAMPTZ)))"
    bare = f"(strlen({x}) = 19 AND {x}[17] = ':') OR suffix({x}, 'Z')"
    canonical = f"{v}::VARCHAR = {x} AND strlen({x}) BETWEEN 19 AND 26"
    utc = f"{v} IS NOT NULL AND {_matches(x, INSTANT)}"
    plain = f"CASE WHEN suffix({x}, 'Z') THEN {utc} ELSE {canonical} END"
    iso = f"{v} IS NOT NULL AND {_matches(x, INSTANT)} AND (NOT {zoned} OR {applied} IS NOT NULL)"
    value = f"CASE WHEN {bare} THEN {v} WHEN {zoned} THEN {applied} ELSE {v} END"
    return Cell(f"TRY_CAST({x} AS TIMESTAMP)", value, iso, plain)


@dataclass(frozen=True, slots=True)
class Reading:
    """A declared column of text in three expressions: the cast, then the value, and whether the row may keep it.

    `fits` is a CASE rather than an OR, whose alternatives DuckDB tries in an order of its own, the costly ones too.
    """

    cast: str
    value: str
    fits: str


def reading_of(column: Column, raw: str, cast: str, dialect: Dialect, nulls_are_read: bool) -> Reading:
    """`nulls_are_read` says that the reader has already made null of the words for it, but for quoted ones."""
    cell = cell_of(column, raw, cast, dialect)
    x = quoted(raw)
    words = ", ".join(text(word) for word in dialect.null_values)
    if column.type == "string":
        if nulls_are_read or not words:
            return Reading(cell.cast, x, "true" if column.nullable else f"{x} IS NOT NULL")
        value = f"CASE WHEN {x} IN ({words}) THEN NULL ELSE {x} END"
        return Reading(cell.cast, value, "true" if column.nullable else f"({x} IS NOT NULL AND {x} NOT IN ({words}))")
    null = f"({x} IS NULL OR {x} IN ({words}))" if words else f"{x} IS NULL"
    allowed = "true" if column.nullable else "false"
    judged = f"WHEN {null} THEN {allowed} WHEN {cell.exact} THEN true ELSE false END"
    if not _may_be_values(column, dialect):
        return Reading(cell.cast, cell.value, f"(CASE WHEN {cell.plain} THEN true {judged})")
    return Reading(cell.cast, f"CASE WHEN NOT {null} THEN {cell.value} END", f"(CASE {judged})")


def _may_be_values(column: Column, dialect: Dialect) -> bool:
    """Whether some word for null could also be read as a value, as -999 in a column of numbers."""
    words = [word for word in dialect.null_values if word]
    return any(character.isdigit() for word in words for character in word) or (
        bool(words) and column.type in ("boolean", "float", "double", "binary")
    )
