"""The language of types: simple ones, decimals, and arrays, maps and structs of any of them.

Written as Athena writes them: `array<string>`, `map<string,int>`, `struct<at:timestamp,tags:array<string>>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SIMPLE_TYPES = ("string", "boolean", "int", "bigint", "float", "double", "date", "timestamp", "binary")
DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)")
WIDEST = {"int": "bigint", "float": "double"}
MOST_DIGITS = 38
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*(?:\(\s*\d{1,2}\s*,\s*\d{1,2}\s*\))?|[<>:,]|\S)")


@dataclass(frozen=True, slots=True)
class Simple:
    name: str


@dataclass(frozen=True, slots=True)
class Array:
    element: Type


@dataclass(frozen=True, slots=True)
class Map:
    """Keys are always text."""

    value: Type


@dataclass(frozen=True, slots=True)
class Struct:
    fields: tuple[tuple[str, Type], ...]


Type = Simple | Array | Map | Struct


class WrongType(ValueError):
    """A text that is no type. `word` is what is wrong in it, and "" where something is missing."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def stored_type(declared: str) -> str:
    """The type in which stage holds a column: the widest that the column may become, nested ones as they are.

    Iceberg lets an int, a float and a decimal's precision grow (https://iceberg.apache.org/spec/#schema-evolution),
    and a run may read files from before and after it did; Spark 3.5 reads a Parquet number in its own width alone.
    """
    if decimal := DECIMAL.fullmatch(declared):
        return f"decimal({MOST_DIGITS},{decimal[2]})"
    return WIDEST.get(declared, declared)


def is_nested(declared: str) -> bool:
    return "<" in declared


def parse_type(text: str) -> Type:
    """Read a type; raises WrongType. `list<…>` is another word for `array<…>`."""
    tokens = _Tokens([found[1] for found in _TOKEN.finditer(text)])
    found = _type(tokens)
    if tokens.next_ is not None:
        raise WrongType(tokens.next_, f"{tokens.next_!r} stands behind the end of the type")
    return found


def written(type_: Type) -> str:
    """A type in its one spelling."""
    if isinstance(type_, Array):
        return f"array<{written(type_.element)}>"
    if isinstance(type_, Map):
        return f"map<string,{written(type_.value)}>"
    if isinstance(type_, Struct):
        return f"struct<{','.join(f'{name}:{written(field)}' for name, field in type_.fields)}>"
    return type_.name


def leaves(type_: Type) -> Iterator[str]:
    """The simple types that a type is made of."""
    if isinstance(type_, Simple):
        yield type_.name
    elif isinstance(type_, Struct):
        for _, field in type_.fields:
            yield from leaves(field)
    else:
        yield from leaves(type_.element if isinstance(type_, Array) else type_.value)


class _Tokens:
    def __init__(self, all_: list[str]) -> None:
        self._all, self._at = all_, 0

    @property
    def next_(self) -> str | None:
        return self._all[self._at] if self._at < len(self._all) else None

    def take(self, wanted: str = "") -> str:
        found = self.next_
        if found is None or (wanted and found != wanted):
            what = f"{wanted!r}" if wanted else "a type"
            raise WrongType(found or "", f"{what} is missing {f'before {found!r}' if found else 'at the end'}")
        self._at += 1
        return found


def _type(tokens: _Tokens) -> Type:
    word = tokens.take()
    if word in ("array", "list"):
        return Array(_inside(tokens))
    if word == "map":
        tokens.take("<")
        if (key := tokens.take()) != "string":
            raise WrongType(key, "the keys of a map are strings")
        tokens.take(",")
        value = _type(tokens)
        tokens.take(">")
        return Map(value)
    if word == "struct":
        return _struct(tokens)
    return Simple(_simple(word))


def _inside(tokens: _Tokens) -> Type:
    tokens.take("<")
    found = _type(tokens)
    tokens.take(">")
    return found


def _struct(tokens: _Tokens) -> Struct:
    fields: dict[str, Type] = {}
    tokens.take("<")
    while True:
        name = tokens.take()
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            raise WrongType(name, f"{name!r} is not a field's name: small letters, digits and underscores")
        if name in fields:
            raise WrongType(name, f"the field {name!r} stands twice")
        tokens.take(":")
        fields[name] = _type(tokens)
        if tokens.next_ != ",":
            tokens.take(">")
            return Struct(tuple(fields.items()))
        tokens.take(",")


def _simple(word: str) -> str:
    if word in SIMPLE_TYPES:
        return word
    decimal = DECIMAL.fullmatch(re.sub(r"\s", "", word))
    if not decimal:
        raise WrongType(word, f"{word!r} is not a type")
    precision, scale = int(decimal[1]), int(decimal[2])
    if not (1 <= precision <= 38 and scale <= precision):
        raise WrongType(word, f"{word!r} cannot exist")
    return f"decimal({precision},{scale})"
