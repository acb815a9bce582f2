"""Dead letters, waiting messages and failing functions are seen: each has an alarm that reaches a topic."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

DEAD, AGE, ERRORS = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "Errors"
Watched = set[tuple[str, str]]


def check(project: Project) -> Iterator[Finding]:
    watched: Watched = set()
    for template in project.templates:
        for alarm in template.of_type("AWS::CloudWatch::Alarm"):
            if not alarm.properties.get("AlarmActions"):
                yield template.finding((alarm.name,), "nobody hears this alarm.", "Give it AlarmActions.")
            for dimension in alarm.properties.get("Dimensions", []):
                found = project.resource_behind(template, dimension.get("Value"))
                if found is not None:
                    watched.add((_identity(*found), str(alarm.properties.get("MetricName"))))
    for template in project.templates:
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
            yield from _unwatched(project, template, mapping, watched)


def _unwatched(project: Project, template: Template, mapping: Resource, watched: Watched) -> Iterator[Finding]:
    function = project.function_behind(template, mapping.properties.get("FunctionName"))
    queue = project.resource_behind(template, mapping.properties.get("EventSourceArn"))
    wanted = [(function, ERRORS), (queue, AGE)]
    if queue is not None:
        redrive = queue[1].properties.get("RedrivePolicy") or {}
        wanted.append((project.resource_behind(queue[0], redrive.get("deadLetterTargetArn")), DEAD))
    for found, metric in wanted:
        if found is not None and (_identity(*found), metric) not in watched:
            yield found[0].finding(
                (found[1].name,), f"no alarm watches its {metric}.", "Add an AWS::CloudWatch::Alarm."
            )


def _identity(template: Template, resource: Resource) -> str:
    return f"{template.path}:{resource.name}"
