"""Who reads or writes what is encrypted under a key of ours may use that key, or S3 and SQS refuse the call.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import many, text_of
from lakectl.lint.project import Project, Resource, Statement, Template
from lakectl.specs.finding import Finding

READ, WRITE = "kms:Decrypt", "kms:GenerateDataKey"
NEEDS = {
    "s3:GetObject": (READ,),
    "s3:GetObjectVersion": (READ,),
    "s3:PutObject": (WRITE,),
    "sqs:ReceiveMessage": (READ,),
    "sqs:SendMessage": (READ, WRITE),
}
"""What asks for a key: parts of a large object are read back, which a role that may write alone is not asked for."""
Place = tuple[str, str]
EVERY: Place = ("", "key/*")
"""Whatever keys the account has, for roles that reach keys which other stacks make."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for role in template.of_type("AWS::IAM::Role"):
            said = [one for one in template.statements if one.resource.name == role.name and _is_allowed(one)]
            usable = {pair for one in said for pair in _usable(project, template, one)}
            for statement in said:
                for name, key, action in sorted(_needed(project, template, statement)):
                    if not usable & {(key, action), (EVERY, action)}:
                        message = f"reaches {name}, and its role may not do {action} with {key[1]} of {key[0]}."
                        yield template.finding((role.name, statement.sid), message, "Allow it.")


def _is_allowed(statement: Statement) -> bool:
    return statement.says.get("Effect") == "Allow" and "Resource" in statement.says


def _usable(project: Project, template: Template, statement: Statement) -> Iterator[tuple[Place, str]]:
    """Keys with what a statement lets do with them."""
    for value in many(statement.says["Resource"]):
        if text_of(value).endswith(":key/*"):
            yield from ((EVERY, action) for action in statement.actions)
        found = project.resource_behind(template, value)
        if found is not None and found[1].type == "AWS::KMS::Key":
            yield from (((found[0].path, found[1].name), action) for action in statement.actions)


def _needed(project: Project, template: Template, statement: Statement) -> set[tuple[str, Place, str]]:
    """What a statement leads to that is encrypted, the key, and what must be allowed with it."""
    actions = {needed for action in statement.actions for needed in NEEDS.get(action, ())}
    if not actions:
        return set()
    found = (project.resource_behind(template, value) for value in many(statement.says["Resource"]))
    return {
        (place[1].name, (key[0].path, key[1].name), action)
        for place in found
        if place is not None
        for key in [project.resource_behind(place[0], _key_of(place[1]))]
        if key is not None
        for action in actions
    }


def _key_of(resource: Resource) -> Any:
    """The key that a bucket or a queue names."""
    if resource.type == "AWS::S3::Bucket":
        rules = (resource.properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or ()
        said: Mapping[str, Any] = next((one.get("ServerSideEncryptionByDefault") or {} for one in rules), {})
        return said.get("KMSMasterKeyID")
    return resource.properties.get("KmsMasterKeyId") if resource.type == "AWS::SQS::Queue" else None
