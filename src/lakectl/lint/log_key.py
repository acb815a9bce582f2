"""A key that encrypts a log group lets CloudWatch Logs use it for that group, or the group cannot be made.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from lakectl.lint.document import many, text_of
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

SERVICE = "logs.${AWS::Region}.amazonaws.com"
CONTEXT = "kms:EncryptionContext:aws:logs:arn"


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for group in template.of_type("AWS::Logs::LogGroup"):
            key = project.resource_behind(template, group.properties.get("KmsKeyId"))
            if key is None or key[1].type != "AWS::KMS::Key":
                continue
            name = text_of(group.properties.get("LogGroupName"))
            statements = many((key[1].properties.get("KeyPolicy") or {}).get("Statement"))
            if not any(_lets_in(statement, name) for statement in statements):
                message = f"does not let CloudWatch Logs encrypt {name} of {template.path}."
                hint = f"Let {SERVICE} use it where {CONTEXT} is like the group's ARN."
                yield key[0].finding((key[1].name,), message, hint)


def _lets_in(statement: Mapping[str, Any], name: str) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    services = (text_of(one) for one in many((statement.get("Principal") or {}).get("Service")))
    patterns = [
        text_of(one).partition(":log-group:")[2]
        for test in (statement.get("Condition") or {}).values()
        for one in many(test.get(CONTEXT))
    ]
    return SERVICE in services and any(fnmatchcase(name, pattern) for pattern in patterns)
