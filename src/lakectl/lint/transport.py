"""Buckets refuse plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        safe = {
            target_of(policy.properties.get("Bucket"))
            for policy in template.of_type("AWS::S3::BucketPolicy")
            if any(map(_refuses, many((policy.properties.get("PolicyDocument") or {}).get("Statement"))))
        }
        for bucket in template.of_type("AWS::S3::Bucket"):
            if bucket.name not in safe:
                hint = "Add a bucket policy that denies s3:* where aws:SecureTransport is false."
                yield template.finding((bucket.name,), "serves plain HTTP.", hint)


def _refuses(statement: dict[str, Any]) -> bool:
    """Both the bucket and its objects, for everyone."""
    condition = (statement.get("Condition") or {}).get("Bool") or {}
    insecure = str(condition.get("aws:SecureTransport", "")).lower() == "false"
    everyone = statement.get("Principal") in ("*", {"AWS": "*"})
    return (
        insecure
        and everyone
        and statement.get("Effect") == "Deny"
        and "s3:*" in many(statement.get("Action"))
        and len(many(statement.get("Resource"))) == 2
    )
