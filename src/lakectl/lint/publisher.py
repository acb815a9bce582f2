"""Alarms and rules reach their topics, queues and functions: the key lets the service in, and for a rule the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

ALARMS, RULES = "cloudwatch.amazonaws.com", "events.amazonaws.com"
DOORS = {
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:SendMessage"),
    "AWS::Lambda::Alias": ("AWS::Lambda::Permission", "FunctionName", "lambda:InvokeFunction"),
}
"""What a rule may be let into: the type that lets it in, by which property, for which action."""
KEY_ACTIONS = {"kms:GenerateDataKey", "kms:Decrypt"}
"""https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services"""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for alarm in template.of_type("AWS::CloudWatch::Alarm"):
            for action in many(alarm.properties.get("AlarmActions")):
                yield from _of_key(project, template, alarm, action, ALARMS)
        for rule in template.of_type("AWS::Events::Rule"):
            for target in many(rule.properties.get("Targets")):
                yield from _of_key(project, template, rule, target.get("Arn"), RULES)
                yield from _of_policy(project, template, rule, target.get("Arn"))


def _of_key(project: Project, template: Template, sender: Resource, place: Any, service: str) -> Iterator[Finding]:
    found = project.resource_behind(template, place)
    if found is None or found[1].type not in ("AWS::SNS::Topic", "AWS::SQS::Queue"):
        return
    key = project.resource_behind(found[0], found[1].properties.get("KmsMasterKeyId"))
    if key is not None and not _lets_in(key[1].properties.get("KeyPolicy"), service, KEY_ACTIONS):
        message = f"does not let {service} use it, so {sender.name} of {template.path} reaches nobody."
        yield key[0].finding((key[1].name,), message, "Allow it kms:GenerateDataKey and kms:Decrypt.")


def _of_policy(project: Project, template: Template, rule: Resource, place: Any) -> Iterator[Finding]:
    found = project.resource_behind(template, place)
    if found is None or found[1].type not in DOORS:
        return
    home, target = found
    door, names, action = DOORS[target.type]
    doors = [one for one in home.of_type(door) if target.name in map(target_of, many(one.properties.get(names)))]
    if not any(_is_open(one, action) for one in doors):
        message = f"nothing lets {RULES} do {action}, so {rule.name} reaches nobody."
        yield home.finding((target.name,), message, f"Add an {door} with {action}.")


def _is_open(door: Resource, action: str) -> bool:
    said = door.properties
    if door.type == "AWS::Lambda::Permission":
        return said.get("Principal") == RULES and said.get("Action") == action
    return _lets_in(said.get("PolicyDocument"), RULES, {action})


def _lets_in(document: Any, service: str, actions: set[str]) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") == {"Service": service}
        and actions <= set(many(statement.get("Action")))
        for statement in many((document or {}).get("Statement"))
    )
