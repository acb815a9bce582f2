"""Bucket properties that MiniStack drops from a stack, and a bucket's deletion as on AWS."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

S3 = "ministack.services.s3"
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
HOOKS = (
    Hook(S3, "_put_bucket_encryption", ("name", "body")),
    Hook(S3, "_delete_bucket_encryption", ("name",)),
    Hook(S3, "_put_bucket_lifecycle", ("name", "body")),
    Hook(S3, "_delete_bucket_lifecycle", ("name",)),
    Hook(S3, "_put_bucket_logging", ("name", "body")),
    Hook(S3, "_put_bucket_tagging", ("name", "body")),
    Hook(S3, "_delete_bucket_tagging", ("name",)),
    Hook(S3, "_put_bucket_ownership_controls", ("name", "body")),
    Hook(S3, "_delete_bucket_ownership_controls", ("name",)),
    Hook(S3, "_delete_bucket", ("name",)),
    Hook(S3, "_buckets"),
)


def install(host: Host) -> None:
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    provisioners._S3_BUCKET_CONFIGURATIONS = (
        *provisioners._S3_BUCKET_CONFIGURATIONS,
        (
            "BucketEncryption",
            encryption,
            _firm(s3._put_bucket_encryption),
            s3._delete_bucket_encryption,
        ),
        ("LifecycleConfiguration", lifecycle, _firm(s3._put_bucket_lifecycle), s3._delete_bucket_lifecycle),
        ("LoggingConfiguration", logging, _firm(s3._put_bucket_logging), _no_logging),
        ("Tags", tags, _firm(s3._put_bucket_tagging), s3._delete_bucket_tagging),
        (
            "OwnershipControls",
            ownership,
            _firm(s3._put_bucket_ownership_controls),
            s3._delete_bucket_ownership_controls,
        ),
    )
    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]["delete"] = _delete


def encryption(value: Mapping[str, Any]) -> bytes:
    """`BucketEncryption` as PutBucketEncryption takes it."""
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {}),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in value.get("ServerSideEncryptionConfiguration", [])
    ]
    return _document("ServerSideEncryptionConfiguration", {"Rule": rules})


def lifecycle(value: Mapping[str, Any]) -> bytes:
    """`LifecycleConfiguration` as PutBucketLifecycleConfiguration takes it."""
    return _document("LifecycleConfiguration", {"Rule": [_rule(rule) for rule in value.get("Rules", [])]})


def logging(value: Mapping[str, Any]) -> bytes:
    """`LoggingConfiguration` as PutBucketLogging takes it."""
    enabled = {
        "TargetBucket": value.get("DestinationBucketName", ""),
        "TargetPrefix": value.get("LogFilePrefix", ""),
    }
    return _document("BucketLoggingStatus", {"LoggingEnabled": enabled})


def tags(value: list[Mapping[str, Any]]) -> bytes:
    """`Tags` as PutBucketTagging takes them."""
    return _document("Tagging", {"TagSet": {"Tag": value}})


def ownership(value: Mapping[str, Any]) -> bytes:
    """`OwnershipControls` as PutBucketOwnershipControls takes them."""
    return _document("OwnershipControls", {"Rule": value.get("Rules", [])})


RENAMED = {
    "ExpirationInDays": ("Expiration", "Days"),
    "ExpirationDate": ("Expiration", "Date"),
    "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "NoncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
}
TAKEN = frozenset(
    {
        "Id",
        "Status",
        "Prefix",
        "TagFilters",
        "ObjectSizeGreaterThan",
        "ObjectSizeLessThan",
        "Transition",
        "Transitions",
        "NoncurrentVersionTransition",
        "NoncurrentVersionTransitions",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
        *RENAMED,
    }
)


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """One lifecycle rule; an unknown member fails the bucket by name."""
    unknown = sorted(set(rule) - TAKEN)
    if unknown:
        raise ValueError(f"A lifecycle rule has members that the local cloud does not support: {unknown}")
    made: dict[str, Any] = {"ID": rule.get("Id", "rule"), "Filter": _filter(rule)}
    made["Status"] = rule.get("Status", "Enabled")
    for name, (parent, member) in RENAMED.items():
        if name in rule:
            made.setdefault(parent, {})[member] = rule[name]
    moves = [*rule.get("Transitions", []), *([rule["Transition"]] if "Transition" in rule else [])]
    if moves:
        made["Transition"] = [
            {
                **({"Days": move["TransitionInDays"]} if "TransitionInDays" in move else {}),
                **({"Date": move["TransitionDate"]} if "TransitionDate" in move else {}),
                "StorageClass": move["StorageClass"],
            }
            for move in moves
        ]
    older = rule.get("NoncurrentVersionTransitions", [])
    if older:
        made["NoncurrentVersionTransition"] = [
            {"NoncurrentDays": move["TransitionInDays"], "StorageClass": move["StorageClass"]} for move in older
        ]
    if "NoncurrentVersionExpiration" in rule:
        made["NoncurrentVersionExpiration"] = rule["NoncurrentVersionExpiration"]
    if "AbortIncompleteMultipartUpload" in rule:
        made["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    return made


def _filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The filter of a rule: one condition stands alone, several stand within `And`."""
    parts: dict[str, Any] = {}
    if rule.get("Prefix"):
        parts["Prefix"] = rule["Prefix"]
    if rule.get("TagFilters"):
        parts["Tag"] = rule["TagFilters"]
    for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if name in rule:
            parts[name] = rule[name]
    many = len(parts) > 1 or len(rule.get("TagFilters", [])) > 1
    return {"And": parts} if many else parts or {"Prefix": ""}


def _document(root: str, value: Mapping[str, Any]) -> bytes:
    element = ET.Element(root, xmlns=NAMESPACE)
    _fill(element, value)
    text: bytes = ET.tostring(element, encoding="utf-8")
    return text


def _fill(parent: ET.Element, value: object) -> None:
    if isinstance(value, Mapping):
        for name, member in value.items():
            for each in member if isinstance(member, list) else [member]:
                _fill(ET.SubElement(parent, name), each)
    else:
        parent.text = str(value).lower() if isinstance(value, bool) else str(value)


def _firm(put: Callable[[str, bytes], Any]) -> Callable[[str, bytes], None]:
    """A put that fails the resource when S3 refuses it."""

    def call(name: str, body: bytes) -> None:
        status, _, answer = put(name, body)
        if status >= 400:
            raise ValueError(answer.decode() if isinstance(answer, bytes) else str(answer))

    return call


def _no_logging(name: str) -> None:
    from ministack.services import s3

    s3._put_bucket_logging(name, _document("BucketLoggingStatus", {}))


def _delete(physical_id: str, properties: Mapping[str, Any]) -> None:
    from ministack.services import s3

    if physical_id not in s3._buckets:
        return
    status, _, _ = s3._delete_bucket(physical_id)
    if status == 409:
        raise ValueError(
            f"The bucket you tried to delete is not empty: {physical_id}. You must delete all versions in "
            "the bucket. (Service: S3, Status Code: 409)"
        )
