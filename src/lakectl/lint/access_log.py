"""Access logs arrive: their bucket is under no key of a customer, and lets S3's log delivery in.

S3 drops what it cannot deliver, and tells nobody.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.document import many, strings_in, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

SENDER = "logging.s3.amazonaws.com"


def check(project: Project) -> Iterator[Finding]:
    places: dict[tuple[str, str], tuple[Template, Resource]] = {}
    for template in project.templates:
        for bucket in template.of_type("AWS::S3::Bucket"):
            said = bucket.properties.get("LoggingConfiguration") or {}
            found = project.resource_behind(template, said.get("DestinationBucketName"))
            if found is not None:
                places[found[0].path, found[1].name] = found
    for home, bucket in places.values():
        if "aws:kms" in strings_in(bucket.properties.get("BucketEncryption")):
            hint = "Set SSEAlgorithm: AES256 here."
            yield home.finding((bucket.name,), "S3 delivers access logs to no bucket under a customer's key.", hint)
        if not any(_lets_logs_in(policy, bucket) for policy in home.of_type("AWS::S3::BucketPolicy")):
            hint = f"Allow s3:PutObject to {SENDER} in its policy."
            yield home.finding((bucket.name,), f"does not let {SENDER} in, so access logs are lost.", hint)


def _lets_logs_in(policy: Resource, bucket: Resource) -> bool:
    document = policy.properties.get("PolicyDocument") or {}
    return target_of(policy.properties.get("Bucket")) == bucket.name and any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") == {"Service": SENDER}
        and "s3:PutObject" in many(statement.get("Action"))
        for statement in many(document.get("Statement"))
    )
