"""A bucket can announce its objects: queue and key let S3 in, from that bucket alone, before the bucket is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

S3 = "s3.amazonaws.com"
KEY_ACTIONS = {"kms:GenerateDataKey", "kms:Decrypt"}


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for bucket in template.of_type("AWS::S3::Bucket"):
            notifications = bucket.properties.get("NotificationConfiguration") or {}
            queues = {target_of(one.get("Queue")) for one in notifications.get("QueueConfigurations", [])}
            for name in sorted(queues & set(template.resources)):
                yield from _of_queue(project, template, bucket, template.resources[name])


def _of_queue(project: Project, template: Template, bucket: Resource, queue: Resource) -> Iterator[Finding]:
    policies = [
        policy
        for policy in template.of_type("AWS::SQS::QueuePolicy")
        if queue.name in map(target_of, policy.properties.get("Queues", []))
    ]
    letting = [policy for policy in policies if _lets_s3_in(policy.properties, {"sqs:SendMessage"})]
    if not letting:
        yield template.finding(
            (queue.name,),
            f"no policy lets S3 send to it, from {bucket.name} of this account alone.",
            "Add an AWS::SQS::QueuePolicy for s3.amazonaws.com with aws:SourceAccount and aws:SourceArn.",
        )
    elif not set(many(bucket.attributes.get("DependsOn"))) & {policy.name for policy in letting}:
        hint = f"Add DependsOn: {letting[0].name}."
        yield template.finding(
            (bucket.name,), "S3 tries the queue when the bucket is made, before its policy is.", hint
        )
    key = project.resource_behind(template, queue.properties.get("KmsMasterKeyId"))
    if key is not None and not _lets_s3_in({"PolicyDocument": key[1].properties.get("KeyPolicy")}, KEY_ACTIONS):
        yield key[0].finding(
            (key[1].name,),
            f"does not let S3 use it, so nothing is announced on {queue.name}.",
            "Allow kms:GenerateDataKey and kms:Decrypt to s3.amazonaws.com with aws:SourceAccount and aws:SourceArn.",
        )


def _lets_s3_in(properties: Mapping[str, Any], actions: set[str]) -> bool:
    document = properties.get("PolicyDocument") or {}
    return any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") == {"Service": S3}
        and actions <= set(many(statement.get("Action")))
        and {"aws:SourceAccount", "aws:SourceArn"} <= _condition_keys(statement)
        for statement in many(document.get("Statement"))
    )


def _condition_keys(statement: Mapping[str, Any]) -> set[str]:
    return {key for test in (statement.get("Condition") or {}).values() for key in test}
