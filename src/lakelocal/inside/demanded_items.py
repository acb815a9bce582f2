"""The partition keys that a DynamoDB request names, and the statements that a PartiQL request runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lakelocal.inside.hook import Hook
from lakelocal.inside.request import Demand, Request

HOOKS = (Hook("ministack.services.dynamodb", "_tables"),)
PARTIQL = re.compile(
    r"""\s*(?P<verb>SELECT|INSERT|UPDATE|DELETE)\b(?:.*?\bFROM\b|\s+INTO\b)?\s*"?(?P<table>[\w.-]+)""",
    re.IGNORECASE | re.DOTALL,
)


def statements(request: Request) -> list[tuple[str, list[Any]]]:
    """The PartiQL statements of a request with their parameters."""
    data = request.json()
    listed = data.get("Statements") or data.get("TransactStatements") or [data]
    return [
        (str(each.get("Statement", "")), each.get("Parameters") or [])
        for each in listed
        if isinstance(each, dict) and each.get("Statement")
    ]


def statement_demand(request: Request, statement: str, values: list[Any]) -> Demand:
    """The action, table and leading key of one PartiQL statement."""
    found = PARTIQL.match(statement)
    if found is None:
        return Demand("dynamodb:PartiQLSelect", "*")
    table = found["table"]
    arn = f"arn:aws:dynamodb:{request.region}:{request.account}:table/{table}"
    key = _statement_key(statement, values, _hash_key(table))
    context: dict[str, object] = {"dynamodb:leadingkeys": [key]} if key is not None else {}
    return Demand(f"dynamodb:PartiQL{found['verb'].capitalize()}", arn, context)


def _statement_key(statement: str, values: list[Any], name: str) -> str | None:
    """The value that a statement gives to the partition key, as a literal or by the nth question mark."""
    pattern = rf"""['"]?\b{re.escape(name)}\b['"]?\s*[:=]\s*(\?|'((?:[^']|'')*)')"""
    found = re.search(pattern, statement) if name else None
    if found is None:
        return None
    if found[1] != "?":
        return found[2].replace("''", "'")
    index = statement[: found.start(1)].count("?")
    return _scalar(values[index]) if index < len(values) else None


def leading_keys(body: bytes) -> list[str]:
    """The partition keys that a DynamoDB request names, for `dynamodb:LeadingKeys`."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return []
    return [key for key in _leading_keys(data) if key is not None] if isinstance(data, dict) else []


def _leading_keys(data: dict[str, Any]) -> Iterator[str | None]:
    table = data.get("TableName")
    if table:
        yield from _request_keys(str(table), data)
    for name, asked in (data.get("RequestItems") or {}).items():
        each = asked.get("Keys", []) if isinstance(asked, dict) else asked
        for entry in each:
            item = entry if isinstance(asked, dict) else next(iter(entry.values()))
            keyed = item if isinstance(asked, dict) else item.get("Item") or item.get("Key") or {}
            yield _scalar(keyed.get(_hash_key(name)))
    for entry in data.get("TransactItems") or []:
        for detail in entry.values():
            yield from _request_keys(str(detail.get("TableName", "")), detail)


def _request_keys(table: str, data: dict[str, Any]) -> Iterator[str | None]:
    name = _hash_key(table, str(data.get("IndexName") or ""))
    for holder in ("Item", "Key"):
        if isinstance(data.get(holder), dict):
            yield _scalar(data[holder].get(name))
    condition = data.get("KeyConditionExpression")
    if isinstance(condition, str):
        names = data.get("ExpressionAttributeNames") or {}
        values = data.get("ExpressionAttributeValues") or {}
        for left, right in re.findall(r"(#?[\w.-]+)\s*=\s*(:\w+)", condition):
            if names.get(left, left) == name:
                yield _scalar(values.get(right))


def _hash_key(table: str, index: str = "") -> str:
    from ministack.services import dynamodb

    record = dynamodb._tables.get(table.rsplit("/", 1)[-1]) or {}
    schema = record.get("KeySchema") or []
    if index:
        both = [*(record.get("GlobalSecondaryIndexes") or []), *(record.get("LocalSecondaryIndexes") or [])]
        schema = next((each["KeySchema"] for each in both if each.get("IndexName") == index), schema)
    return next((str(each["AttributeName"]) for each in schema if each.get("KeyType") == "HASH"), "")


def _scalar(value: object) -> str | None:
    if isinstance(value, dict) and len(value) == 1:
        kind, inner = next(iter(value.items()))
        return str(inner) if kind in ("S", "N", "B") else None
    return None
