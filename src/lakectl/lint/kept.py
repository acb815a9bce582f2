"""What holds data is kept when its stack goes, encrypted, and versioned where that means something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lakectl.lint.project import Project, Resource
from lakectl.specs.finding import Finding

Demand = tuple[str, Callable[[Mapping[str, Any]], object]]

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "AWS::S3::Bucket": (
        ("BucketEncryption", lambda said: said.get("BucketEncryption")),
        (
            "VersioningConfiguration: {Status: Enabled}",
            lambda said: (said.get("VersioningConfiguration") or {}).get("Status") == "Enabled",
        ),
        ("PublicAccessBlockConfiguration, all four true", lambda said: _all_blocked(said)),
        ("LifecycleConfiguration", lambda said: said.get("LifecycleConfiguration")),
        ("NoncurrentVersionExpiration for its objects", lambda said: _expires(said, "Noncurrent")),
        (
            "AbortIncompleteMultipartUpload for its objects",
            lambda said: _expires(said, "AbortIncomplete"),
        ),
        ("BucketKeyEnabled: true, without which each object is a call to KMS", lambda said: _is_cheap(said)),
    ),
    "AWS::DynamoDB::Table": (
        ("SSESpecification: {SSEEnabled: true}", lambda said: (said.get("SSESpecification") or {}).get("SSEEnabled")),
        (
            "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}",
            lambda said: (said.get("PointInTimeRecoverySpecification") or {}).get("PointInTimeRecoveryEnabled"),
        ),
        ("DeletionProtectionEnabled: true", lambda said: said.get("DeletionProtectionEnabled")),
    ),
    "AWS::KMS::Key": (("EnableKeyRotation: true", lambda said: said.get("EnableKeyRotation")),),
    "AWS::Glue::Database": (),
}
ENCRYPTED: dict[str, str] = {
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
}


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource in template.resources.values():
            for missing in _missing(resource):
                yield template.finding((resource.name,), f"lacks {missing}.", "Add it: this resource holds data.")


def _missing(resource: Resource) -> Iterator[str]:
    if resource.type in ENCRYPTED and not resource.properties.get(ENCRYPTED[resource.type]):
        yield ENCRYPTED[resource.type]
    if resource.type not in DEMANDS:
        return
    if not str(resource.attributes.get("DeletionPolicy", "")).startswith("Retain"):
        yield "DeletionPolicy: RetainExceptOnCreate"
    if resource.attributes.get("UpdateReplacePolicy") != "Retain":
        yield "UpdateReplacePolicy: Retain"
    for name, holds in DEMANDS[resource.type]:
        if not holds(resource.properties):
            yield name


def _expires(said: Mapping[str, Any], what: str) -> bool:
    """Versions that were replaced, and uploads that were never ended, are seen by nobody and paid for."""
    rules = (said.get("LifecycleConfiguration") or {}).get("Rules") or ()
    return any(one.get("Status") == "Enabled" and any(key.startswith(what) for key in one) for one in rules)


def _is_cheap(said: Mapping[str, Any]) -> bool:
    rules = (said.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or ()
    return all(
        one.get("BucketKeyEnabled") is True
        for one in rules
        if (one.get("ServerSideEncryptionByDefault") or {}).get("SSEAlgorithm") == "aws:kms"
    )


def _all_blocked(said: Mapping[str, Any]) -> bool:
    block = said.get("PublicAccessBlockConfiguration") or {}
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return all(block.get(name) is True for name in names)
