"""A value that already has a kind of its own, such as JSON's or Avro's, as the exact text of a cell.

Kinds are never mixed: a number is no text and a text no number, because what would be lost on the way is lost without
a word (the zeros of 00501, the digits of 9007199254740993). Simple columns are spelled here and judged with all other
text in cell.py; nested ones are judged here, down to their leaves, and become JSON whose leaves are all strings.
"""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lake.core.type import Array, Map, Simple, Struct, Type
from lake.light.cell import DIGITS, INSTANT, NUMBER, WHOLE_IN

RANGES = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
MOST_SHOWN = 80


class Number(str):
    """A number as it was spelled: JSON's text of it, not yet rounded to any type."""

    __slots__ = ()


class Unknown(str):
    """A word that stands where a value should, such as NaN."""

    __slots__ = ()


class Repeated(dict[str, object]):
    """An object in which a key stands more than once."""

    @property
    def key(self) -> str:
        return self._key

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self._key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


class Misfit(ValueError):
    """A value that is not what its column declares; the message says why, beginning with the column."""


def spelled(value: object, type_: Type, name: str) -> str | None:
    """The cell's text; None for null. Raises Misfit for a value of another kind, and in nested types for any other."""
    if value is None:
        return None
    if isinstance(type_, Simple):
        return _spelled(value, type_.name, name)
    found = json.dumps(_nested(value, type_, name), ensure_ascii=False)
    if "\\u0000" in found.replace("\\\\", ""):
        raise Misfit(f"{name}: holds a NUL")
    return found


def _spelled(value: object, kind: str, name: str) -> str:
    spell = SPELLED["decimal" if kind.startswith("decimal") else kind]
    found = spell(value)
    if found is None:
        raise Misfit(f"{name}: {shown(value)} is {_kind_of(value)}, not {_article(kind)} {kind}")
    return found


def _nested(value: object, type_: Type, name: str) -> object:
    """The value as what JSON can hold, with leaves as exact strings."""
    if value is None:
        return None
    if isinstance(type_, Simple):
        text = _spelled(value, type_.name, name)
        if (said := _canonical(text, type_.name)) is None:
            raise Misfit(f"{name}: {shown(value)} is not {_article(type_.name)} {type_.name}")
        return said
    if isinstance(type_, Array):
        if not isinstance(value, list | tuple):
            raise Misfit(f"{name}: {shown(value)} is {_kind_of(value)}, not a list")
        return [_nested(one, type_.element, f"{name}[{place}]") for place, one in enumerate(value)]
    if not isinstance(value, Mapping):
        raise Misfit(f"{name}: {shown(value)} is {_kind_of(value)}, not an object")
    if isinstance(value, Repeated):
        raise Misfit(f"{name}.{value.key}: stands more than once")
    if isinstance(type_, Map):
        return {str(key): _nested(one, type_.value, f"{name}.{key}") for key, one in value.items()}
    return _of_struct(value, type_, name)


def _of_struct(value: Mapping[str, object], type_: Struct, name: str) -> dict[str, object]:
    declared = {field for field, _ in type_.fields}
    if extra := [key for key in value if key not in declared]:
        raise Misfit(f"{name}.{extra[0]}: is not declared in {name}")
    return {field: _nested(value.get(field), inner, f"{name}.{field}") for field, inner in type_.fields}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and not isinstance(value, Number | Unknown) else None


def _whole(value: object) -> str | None:
    if isinstance(value, Number):
        return str(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _real(value: object) -> str | None:
    return repr(value) if isinstance(value, float) else _whole(value)


def _single(value: object) -> str | None:
    """A double that is given for a float must be one: 0.1 as a double is not 0.1 as a float."""
    if isinstance(value, float) and math.isfinite(value):
        try:
            same = bool(struct.unpack("f", struct.pack("f", value))[0] == value)
        except OverflowError:
            same = False
        return repr(value) if same else None
    return _real(value)


def _exact(value: object) -> str | None:
    if isinstance(value, Decimal):
        return format(value, "f")
    return _text(value) or _whole(value)


def _boolean(value: object) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else None


def _day(value: object) -> str | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _text(value)


def _moment(value: object) -> str | None:
    if isinstance(value, datetime):
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return plain.isoformat(sep=" ")
    return _text(value)


def _bytes(value: object) -> str | None:
    return base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else _text(value)


SPELLED: dict[str, Callable[[object], str | None]] = {
    "string": _text,
    "boolean": _boolean,
    "int": _whole,
    "bigint": _whole,
    "float": _single,
    "double": _real,
    "decimal": _exact,
    "date": _day,
    "timestamp": _moment,
    "binary": _bytes,
}


def _canonical(text: str, kind: str) -> str | None:
    """A leaf's text if it is an exact spelling of its type, in the form that a cast reads back unchanged."""
    if kind in RANGES:
        least, most = RANGES[kind]
        fits = re.fullmatch(DIGITS, text) and len(text) <= 20 and least <= int(text) <= most
        return str(int(text)) if fits else None
    if kind in WHOLE_IN:
        return _canonical_float(text, kind)
    if kind.startswith("decimal"):
        return _canonical_decimal(text, kind)
    if kind == "date":
        return text if _is_day(text) else None
    if kind == "timestamp":
        return _canonical_moment(text)
    return text


def _canonical_float(text: str, kind: str) -> str | None:
    if not re.fullmatch(NUMBER, text):
        return None
    number = float(text)
    if not math.isfinite(number) or (number == 0 and re.search("[1-9]", text.lower().partition("e")[0])):
        return None
    if kind == "float" and abs(number) > 3.4028235677973366e38:
        return None
    if abs(number) >= WHOLE_IN[kind] and re.fullmatch(DIGITS, text):
        held = struct.unpack("f", struct.pack("f", number))[0] if kind == "float" else number
        return text if int(held) == int(text) else None
    return text


def _canonical_decimal(text: str, kind: str) -> str | None:
    precision, scale = map(int, kind[len("decimal(") : -1].split(","))
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        return None
    whole, _, places = text.lstrip("+-").partition(".")
    fits = len(whole.lstrip("0")) <= precision - scale and len(places.rstrip("0")) <= scale
    return text if fits else None


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text))
    except ValueError:
        return False


def _canonical_moment(text: str) -> str | None:
    if not re.fullmatch(INSTANT, text):
        return None
    shorter = re.sub(r"(\.[0-9]{6})0+", r"\1", text)
    try:
        return _moment(datetime.fromisoformat(re.sub(r"([+-][0-9]{2})$", r"\1:00", shorter)))
    except (ValueError, OverflowError):
        return None


def shown(value: object) -> str:
    """A value as a reason shows it, short."""
    text = str(value) if isinstance(value, Number | Unknown | Decimal | date) else repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _kind_of(value: Any) -> str:
    if isinstance(value, Number | Decimal | int | float) and not isinstance(value, bool):
        return "a number"
    if isinstance(value, Unknown):
        return "no value"
    names = {str: "a string", bool: "a boolean", list: "a list", dict: "an object", bytes: "binary"}
    names |= {datetime: "a timestamp", date: "a date"}
    return names.get(type(value), type(value).__name__)


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"
