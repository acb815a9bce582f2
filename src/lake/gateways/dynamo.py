"""One DynamoDB table of items with pk and sk, in plain values: strings, whole numbers, lists of strings."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from lake.core.errors import TryAgain
from lake.gateways.trouble import asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
Key = tuple[str, str]
T = TypeVar("T")

PAUSES = (0.05, 0.2, 0.8, 2.0)
"""Seconds before an item that DynamoDB left undone is tried again; botocore repeats whole calls, not their parts."""
PASSING = {"ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded", "InternalServerError"}
PASSING |= {"TransactionConflict"}


class Table:
    """The few ways in which the lake uses DynamoDB; every read is strongly consistent."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Key) -> dict[str, Any] | None:
        with asking(f"reading {key} of {self._name}"):
            answer = self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def get_all(self, keys: Iterable[Key]) -> list[dict[str, Any]]:
        """The items that exist, in no order, 100 a call."""
        found: list[dict[str, Any]] = []
        for chunk in chunks(dict.fromkeys(keys), 100):
            left: Any = {self._name: {"Keys": [_key(key) for key in chunk], "ConsistentRead": True}}
            for pause in (*PAUSES, None):
                with asking(f"reading {len(chunk)} items of {self._name}"):
                    answer = self._client.batch_get_item(RequestItems=left)
                found.extend(plain(item) for item in answer["Responses"].get(self._name, []))
                left = answer.get("UnprocessedKeys")
                if not left:
                    break
                _wait(pause, f"DynamoDB leaves reads of {self._name} undone")
        return found

    def put(self, item: Item) -> None:
        with asking(f"writing {item['pk']} {item['sk']} to {self._name}"):
            self._client.put_item(TableName=self._name, Item=_typed(item))

    def put_if(self, item: Item, condition: str, values: Item | None = None) -> bool:
        """Write unless the condition on what stands there fails. Every name in it is written `#name`."""
        extra: dict[str, Any] = {}
        if names := re.findall(r"#(\w+)", condition):
            extra["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        if values:
            extra["ExpressionAttributeValues"] = {f":{name}": _value(value) for name, value in values.items()}
        try:
            self._client.put_item(TableName=self._name, Item=_typed(item), ConditionExpression=condition, **extra)
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            with asking(f"writing {item['pk']} {item['sk']} to {self._name}"):
                raise
        return True

    def set(self, key: Key, values: Item) -> None:
        """Set some attributes of one item."""
        with asking(f"updating {key} of {self._name}"):
            self._client.update_item(
                TableName=self._name,
                Key=_key(key),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues={f":{name}": _value(value) for name, value in values.items()},
            )

    def query(self, pk: str, starts: str = "", newest: int = 0) -> Iterator[dict[str, Any]]:
        """The items of a partition by sort key; `newest` gives that many from its end, the last first."""
        where: dict[str, Any] = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}}
        if starts:
            where["KeyConditionExpression"] += " AND begins_with(sk, :sk)"
            where["ExpressionAttributeValues"][":sk"] = {"S": starts}
        if newest:
            where |= {"ScanIndexForward": False, "Limit": newest}
        with asking(f"reading {pk} of {self._name}"):
            while True:
                answer = self._client.query(TableName=self._name, ConsistentRead=True, **where)
                yield from (plain(item) for item in answer["Items"])
                if newest or "LastEvaluatedKey" not in answer:
                    return
                where["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def count(self, pk: str) -> int:
        total = 0
        where: dict[str, Any] = {}
        with asking(f"counting {pk} of {self._name}"):
            while True:
                answer = self._client.query(
                    TableName=self._name,
                    Select="COUNT",
                    KeyConditionExpression="pk = :pk",
                    ExpressionAttributeValues={":pk": {"S": pk}},
                    **where,
                )
                total += answer["Count"]
                if "LastEvaluatedKey" not in answer:
                    return total
                where["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def delete(self, key: Key) -> None:
        with asking(f"deleting {key} of {self._name}"):
            self._client.delete_item(TableName=self._name, Key=_key(key))

    def delete_if(self, key: Key, name: str, value: str) -> bool:
        """Delete while the attribute has this value."""
        try:
            self._client.delete_item(
                TableName=self._name,
                Key=_key(key),
                ConditionExpression="#name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": _value(value)},
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            with asking(f"deleting {key} of {self._name}"):
                raise
        return True

    def delete_all(self, keys: Iterable[Key]) -> None:
        """Delete these items, 25 a call; one that is not there is no error."""
        for chunk in chunks(dict.fromkeys(keys), 25):
            left: Any = {self._name: [{"DeleteRequest": {"Key": _key(key)}} for key in chunk]}
            for pause in (*PAUSES, None):
                with asking(f"deleting {len(chunk)} items of {self._name}"):
                    left = self._client.batch_write_item(RequestItems=left).get("UnprocessedItems")
                if not left:
                    break
                _wait(pause, f"DynamoDB leaves deletes in {self._name} undone")

    def insert_all(self, items: Sequence[Item]) -> list[Item]:
        """Insert items that are not there, 25 a call; those whose key was taken are given back."""
        return [taken for chunk in chunks(items, 25) for taken in self._insert(chunk)]

    def _insert(self, items: list[Item]) -> list[Item]:
        taken: list[Item] = []
        left = items
        for pause in (*PAUSES, None):
            with asking(f"inserting {len(left)} items into {self._name}"):
                answer = self._client.batch_execute_statement(Statements=[self._statement(item) for item in left])
            undone: list[Item] = []
            for item, response in zip(left, answer["Responses"], strict=True):
                code = response.get("Error", {}).get("Code", "")
                if code in ("DuplicateItem", "ConditionalCheckFailed"):
                    taken.append(item)
                elif code in PASSING:
                    undone.append(item)
                elif code:
                    raise TryAgain(
                        f"inserting {item['pk']} into {self._name}: {code}: {response['Error'].get('Message')}"
                    )
            left = undone
            if not left:
                return taken
            _wait(pause, f"DynamoDB throttles inserts into {self._name}")
        return taken

    def _statement(self, item: Item) -> Any:
        fields = ", ".join(f"'{name}': ?" for name in item)
        return {
            "Statement": f'INSERT INTO "{self._name}" VALUE {{{fields}}}',
            "Parameters": [_value(value) for value in item.values()],
        }


def chunks(values: Iterable[T], most: int) -> Iterator[list[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, most)):
        yield chunk


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB sends it, in plain values."""
    return {name: _read(value) for name, value in item.items()}


def _typed(item: Item) -> dict[str, Any]:
    return {name: _value(value) for name, value in item.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"L": [_value(one) for one in value]}


def _read(value: Mapping[str, Any]) -> Any:
    if "S" in value:
        return value["S"]
    if "N" in value:
        return int(value["N"])
    return [_read(one) for one in value["L"]]


def _key(key: Key) -> Any:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _wait(pause: float | None, what: str) -> None:
    if pause is None:
        raise TryAgain(f"{what}: it comes back by itself")
    time.sleep(pause)
