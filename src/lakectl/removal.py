"""Data that is removed for ever, and only when its name was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from lakectl import kept
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.specs.name import nearest
from lakectl.target import Target

WINDOW = 30
"""Days until KMS deletes a key that is to go; `aws kms cancel-key-deletion` brings it back until then."""
NO_SUCH = {
    "NoSuchBucket": "AWS::S3::Bucket",
    "ResourceNotFoundException": "AWS::DynamoDB::Table",
    "EntityNotFoundException": "AWS::Glue::Database",
    "NotFoundException": "AWS::KMS::Key",
}


@dataclass(frozen=True, slots=True)
class Data:
    """What one name stands for: logical names in the rooms' templates, and what is lost with it."""

    logical: tuple[str, ...]
    loses: str


DATA: Mapping[str, Data] = {
    "raw": Data(("RawBucket",), "every object as it was delivered"),
    "stage": Data(("StageBucket",), "staged batches, plans and results of runs"),
    "analytics": Data(("AnalyticsBucket", "Database"), "every table, with its history"),
    "results": Data(("ResultsBucket",), "results of queries"),
    "logs": Data(("LogsBucket",), "access logs"),
    "audit": Data(("AuditBucket",), "who changed what"),
    "artifacts": Data(("ArtifactsBucket",), "code and compiled datasets of all versions"),
    "ledger": Data(("LedgerTable", "RegistryTable"), "what became of each object, and which versions are known"),
    "keys": Data(("PlatformKey", "TeamKey"), "the keys: whatever they encrypted and is left can never be read again"),
}
NEEDS_KEYS = ("raw", "stage", "analytics", "results", "artifacts")
"""What the platform's key has encrypted."""


def names_in(text: str) -> list[str]:
    """`raw,analytics` as names. Raises Failure for a name that stands for nothing."""
    names = [word.strip() for word in text.split(",") if word.strip()]
    for name in names:
        if name not in DATA:
            raise Failure(f"'{name}' names no data. {nearest(name, DATA)}")
    if text and not names:
        raise Failure(f"--remove-data names nothing. {nearest('', DATA)}")
    return list(dict.fromkeys(names))


def name_of(one: Kept) -> str:
    """The name under which a user removes it."""
    return next((name for name, data in DATA.items() if one.logical in data.logical), one.logical)


def check(names: Sequence[str], there: Sequence[Kept]) -> None:
    """Raise Failure where a name has nothing behind it, or a key is wanted that other data still needs."""
    found = {name_of(one) for one in there}
    for name in names:
        if name not in found:
            raise Failure(
                f"There is no '{name}' to remove: none of these stacks keeps it. "
                + (f"They keep: {', '.join(sorted(found))}." if found else "They keep nothing.")
            )
    if "keys" in names and (locked := [name for name in NEEDS_KEYS if name in found and name not in names]):
        raise Failure(
            f"Without the keys nobody could read {', '.join(locked)} any more. "
            f"Remove those as well (--remove-data {','.join([*names, *locked])}), or keep the keys."
        )


def remove(target: Target, names: Sequence[str]) -> Iterator[Kept]:
    """Remove what these names stand for from what gone stacks have left, and forget it; each as it goes."""
    for stack, left in kept.remembered(target).items():
        for one in [each for each in left if name_of(each) in names]:
            _remove(target, one)
            left.remove(one)
            kept.remember(target, stack, left)
            yield one


def _remove(target: Target, one: Kept) -> None:
    """Remove one resource; what is gone already is fine."""
    try:
        _REMOVE[one.type](target, one.physical)
    except ClientError as error:
        if NO_SUCH.get(error.response["Error"]["Code"]) != one.type:
            raise


def _bucket(target: Target, name: str) -> None:
    client = target.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        entries = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if not entries:
            continue
        answer = client.delete_objects(Bucket=name, Delete={"Objects": entries, "Quiet": True})
        if refused := answer.get("Errors"):
            first = refused[0]
            raise Failure(f"s3://{name}/{first['Key']} cannot be removed: {first['Code']}: {first.get('Message', '')}")
    client.delete_bucket(Bucket=name)


def _table(target: Target, name: str) -> None:
    client = target.client("dynamodb")
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.get_waiter("table_exists").wait(TableName=name)
    client.delete_table(TableName=name)


def _database(target: Target, name: str) -> None:
    target.client("glue").delete_database(Name=name)


def _key(target: Target, name: str) -> None:
    target.client("kms").schedule_key_deletion(KeyId=name, PendingWindowInDays=WINDOW)


_REMOVE = {
    "AWS::S3::Bucket": _bucket,
    "AWS::DynamoDB::Table": _table,
    "AWS::Glue::Database": _database,
    "AWS::KMS::Key": _key,
}
