"""Partition projection: partitions that a table's properties compute instead of the catalog listing them.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.joda import strftime_of

MOST = 100_000
"""Partitions that one query may compute here."""
_STEPS: dict[str, Callable[[dt.datetime, int], dt.datetime]] = {
    "seconds": lambda moment, count: moment + dt.timedelta(seconds=count),
    "minutes": lambda moment, count: moment + dt.timedelta(minutes=count),
    "hours": lambda moment, count: moment + dt.timedelta(hours=count),
    "days": lambda moment, count: moment + dt.timedelta(days=count),
    "weeks": lambda moment, count: moment + dt.timedelta(weeks=count),
    "months": lambda moment, count: _months(moment, count),
    "years": lambda moment, count: _months(moment, 12 * count),
}
_NOW = re.compile(r"NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+?)S?)?", re.IGNORECASE)


def is_projected(table: Mapping[str, Any]) -> bool:
    return str((table.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true"


def projected(
    table: Mapping[str, Any], keys: Sequence[str], asked: Mapping[str, set[str]], now: dt.datetime
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values and location of each partition. `asked` are values that the query compares a key with."""
    properties = {str(key): str(value) for key, value in (table.get("Parameters") or {}).items()}
    choices = [list(_values(key, properties, asked.get(key), now)) for key in keys]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST:
        raise QueryFailed(f"NOT_SUPPORTED: {count:,} projected partitions. Compare the partition columns with values.")
    location = str(table["StorageDescriptor"].get("Location", "")).rstrip("/")
    template = properties.get("storage.location.template") or "/".join(
        [location, *(f"{key}=${{{key}}}" for key in keys)]
    )
    for values in itertools.product(*choices):
        where = template
        for key, value in zip(keys, values, strict=True):
            where = where.replace(f"${{{key}}}", value)
        yield values, where


def _values(key: str, properties: Mapping[str, str], asked: set[str] | None, now: dt.datetime) -> Iterator[str]:
    kind = _need(properties, f"projection.{key}.type").lower()
    if kind == "injected":
        if not asked:
            raise QueryFailed(
                f"CONSTRAINT_VIOLATION: For the injected projected partition column {key}, the WHERE clause must "
                "contain only static equality conditions, and at least one such condition must be present."
            )
        yield from sorted(asked)
        return
    readers = {"enum": _enum, "integer": _integer, "date": _date}
    if kind not in readers:
        raise _invalid(f"projection.{key}.type", kind, "enum, integer, date, injected")
    values = readers[kind](key, properties, now)
    yield from (value for value in values if asked is None or value in asked)


def _enum(key: str, properties: Mapping[str, str], now: dt.datetime) -> Iterator[str]:
    yield from (value.strip() for value in _need(properties, f"projection.{key}.values").split(","))


def _integer(key: str, properties: Mapping[str, str], now: dt.datetime) -> Iterator[str]:
    first, last = _range(key, properties)
    width = int(properties.get(f"projection.{key}.digits", "0"))
    try:
        numbers = range(int(first), int(last) + 1, int(properties.get(f"projection.{key}.interval", "1")))
    except ValueError as error:
        raise _invalid(f"projection.{key}.range", f"{first},{last}", "two whole numbers") from error
    yield from (f"{number:0{width}d}" for number in itertools.islice(numbers, MOST + 1))


def _date(key: str, properties: Mapping[str, str], now: dt.datetime) -> Iterator[str]:
    pattern = strftime_of(_need(properties, f"projection.{key}.format"))
    first, last = (_moment(text, pattern, now) for text in _range(key, properties))
    unit = properties.get(f"projection.{key}.interval.unit", _finest(pattern)).lower()
    unit = unit if unit.endswith("s") else f"{unit}s"
    count = int(properties.get(f"projection.{key}.interval", "1"))
    if unit not in _STEPS or count < 1:
        raise _invalid(f"projection.{key}.interval.unit", unit, ", ".join(_STEPS))
    for number in range(MOST + 1):
        moment = _STEPS[unit](first, number * count)
        if moment > last:
            return
        yield moment.strftime(pattern)


def _range(key: str, properties: Mapping[str, str]) -> tuple[str, str]:
    said = _need(properties, f"projection.{key}.range")
    first, comma, last = said.partition(",")
    if not comma:
        raise _invalid(f"projection.{key}.range", said, "first,last")
    return first.strip(), last.strip()


def _moment(text: str, pattern: str, now: dt.datetime) -> dt.datetime:
    if found := _NOW.fullmatch(text):
        if not found[2]:
            return now
        step = _STEPS.get(f"{found[3].lower()}s")
        if step is None:
            raise _invalid("a range", text, "NOW, NOW-1DAYS, NOW+3MONTHS, …")
        return step(now, int(found[2]) * (-1 if found[1] == "-" else 1))
    try:
        return dt.datetime.strptime(text, pattern)
    except ValueError as error:
        raise _invalid("a range", text, f"dates in the declared format, or NOW: {error}") from error


def _months(moment: dt.datetime, count: int) -> dt.datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    last = (dt.datetime(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _finest(pattern: str) -> str:
    for sign, unit in (("S", "seconds"), ("M", "minutes"), ("H", "hours"), ("d", "days"), ("m", "months")):
        if f"%{sign}" in pattern or f"%-{sign}" in pattern:
            return unit
    return "years"


def _need(properties: Mapping[str, str], key: str) -> str:
    if not properties.get(key):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: The table has no property '{key}', which projection needs")
    return properties[key]


def _invalid(key: str, value: str, known: str) -> QueryFailed:
    return QueryFailed(f"INVALID_TABLE_PROPERTY: {key} = '{value}'. Known: {known}")
