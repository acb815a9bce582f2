"""Nothing waits for what waits for it: buckets and the doors of their queues, and stacks that read each other's names.

CloudFormation makes a bucket after the policy that lets it announce, so that policy can name the bucket only as its
BucketName says it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ways-to-add-notification-config-to-bucket.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.circle import circles
from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.plan.template import references
from lakectl.specs.finding import Finding

ANNOUNCED = {
    "QueueConfigurations": ("Queue", "AWS::SQS::QueuePolicy", "Queues"),
    "TopicConfigurations": ("Topic", "AWS::SNS::TopicPolicy", "Topics"),
    "LambdaConfigurations": ("Function", "AWS::Lambda::Permission", "FunctionName"),
}
"""What a bucket tells: where its name stands there, and the type that lets the bucket in, by which property."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for bucket in template.of_type("AWS::S3::Bucket"):
            yield from _of_bucket(template, bucket)
    yield from _of_stacks(project)


def _of_bucket(template: Template, bucket: Resource) -> Iterator[Finding]:
    announced = bucket.properties.get("NotificationConfiguration") or {}
    for kind, (place, door, named_by) in ANNOUNCED.items():
        told = {target_of(one.get(place)) for one in many(announced.get(kind))} - {""}
        for one in template.of_type(door):
            behind = told & {target_of(value) for value in many(one.properties.get(named_by))}
            if behind and bucket.name in references(dict(one.properties)):
                message = f"waits for {bucket.name}, and S3 makes no bucket that may not announce to {min(behind)}."
                yield template.finding((one.name, bucket.name), message, "Name the bucket as its BucketName says it.")


def _of_stacks(project: Project) -> Iterator[Finding]:
    """Rooms that read from SSM what is written only after them."""
    reads = {template.path: _read(project, template) for template in project.templates}
    for circle in circles({path: set(found) for path, found in reads.items()}):
        for path in sorted(circle):
            other, name = next((home, name) for home, name in reads[path].items() if home in circle)
            (template,) = (one for one in project.templates if one.path == path)
            message = f"is read here before {other} can write it: {' and '.join(sorted(circle))} wait for each other."
            yield template.finding((name,), message, "Move one of the two, or let a function read it while it runs.")


def _read(project: Project, template: Template) -> dict[str, str]:
    """The templates that one needs, each with a name that it reads from there."""
    found = frozenset[str]().union(*template.reads.values())
    return {project.written[name][0].path: name for name in sorted(found & project.written.keys())}
