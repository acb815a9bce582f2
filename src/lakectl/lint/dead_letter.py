"""Every queue that feeds a function has a queue for its dead letters, which keeps them longer than itself."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

FEWEST_RECEIVES = 5
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
DEFAULT_RETENTION = 345600


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
            found = project.resource_behind(template, mapping.properties.get("EventSourceArn"))
            if found is None or found[1].type != "AWS::SQS::Queue":
                continue
            home, queue = found
            redrive = queue.properties.get("RedrivePolicy") or {}
            dead = project.resource_behind(home, redrive.get("deadLetterTargetArn"))
            if dead is None:
                hint = "Give it a RedrivePolicy."
                yield home.finding((queue.name,), "a message that always fails would come back until it expires.", hint)
                continue
            if int(redrive.get("maxReceiveCount", 0)) < FEWEST_RECEIVES:
                yield home.finding(
                    (queue.name, "maxReceiveCount"),
                    "too few attempts: a busy minute would make dead letters.",
                    f"Set it to {FEWEST_RECEIVES} or more.",
                )
            kept = int(dead[1].properties.get("MessageRetentionPeriod", DEFAULT_RETENTION))
            if kept <= int(queue.properties.get("MessageRetentionPeriod", DEFAULT_RETENTION)):
                yield dead[0].finding(
                    (dead[1].name,),
                    f"a dead letter keeps its age, so {kept} s may be no time at all.",
                    f"Set MessageRetentionPeriod above that of {queue.name}; 1209600 is the most.",
                )
