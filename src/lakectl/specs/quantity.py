"""Durations and sizes as people write them: `5 minutes`, `24 hours`, `256 MB`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from lakectl.specs.name import nearest

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "year": 365 * 86400}
BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}

_DURATION = re.compile(r"(\d{1,6}) ?([A-Za-z]+)\Z")
_SIZE = re.compile(r"(\d{1,6}) ?([A-Za-z]+)\Z")


def seconds_in(value: Any) -> int:
    """Seconds in a duration such as `5 minutes`."""
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError(
            "duration", "{value} is not a duration.", {"value": repr(value), "hint": "Write it like '5 minutes'."}
        )
    count, unit = int(found[1]), found[2].lower()
    unit = unit if unit in SECONDS else unit.removesuffix("s")
    if unit not in SECONDS:
        hint = nearest(found[2], [f"{name}s" for name in SECONDS])
        raise PydanticCustomError("duration", "{value} is not a unit of time.", {"value": repr(found[2]), "hint": hint})
    if count == 0:
        raise PydanticCustomError("duration", "a duration must be longer than nothing.")
    return count * SECONDS[unit]


def bytes_in(value: Any) -> int:
    """Bytes in a size such as `256 MB` (1 MB is 1,048,576 bytes)."""
    found = _SIZE.match(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError(
            "size", "{value} is not a size.", {"value": repr(value), "hint": "Write it like '256 MB'."}
        )
    if found[2].upper() not in BYTES:
        hint = nearest(found[2].upper(), BYTES)
        raise PydanticCustomError("size", "{value} is not a unit of size.", {"value": repr(found[2]), "hint": hint})
    if int(found[1]) == 0:
        raise PydanticCustomError("size", "a size must be more than nothing.")
    return int(found[1]) * BYTES[found[2].upper()]


def in_words(value: int, units: Mapping[str, int]) -> str:
    """A quantity in the largest unit that it is whole in: `5 minutes`, `2 GB`."""
    unit, size = max(((name, size) for name, size in units.items() if value % size == 0), key=lambda one: one[1])
    count = value // size
    return f"{count} {unit}{'s' if units is SECONDS and count > 1 else ''}"


Seconds = Annotated[
    int,
    BeforeValidator(seconds_in),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d+ ?(second|minute|hour|day|week|year)s?$", "examples": ["5 minutes"]}
    ),
]
Bytes = Annotated[
    int,
    BeforeValidator(bytes_in),
    WithJsonSchema({"type": "string", "pattern": r"^\d+ ?[KMGT]?B$", "examples": ["256 MB"]}),
]
