"""A queue hides a message for at least six times its function's timeout.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: less, and a message that is still worked on
is given to a second worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakectl.lint.document import target_of
from lakectl.lint.project import Project, Template
from lakectl.specs.finding import Finding

TIMES = 6
DEFAULT_VISIBILITY, DEFAULT_TIMEOUT = 30, 3


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
            function = project.function_behind(template, mapping.properties.get("FunctionName"))
            queue = project.resource_behind(template, mapping.properties.get("EventSourceArn"))
            if function is None or queue is None or queue[1].type != "AWS::SQS::Queue":
                continue
            longest = _largest(function[0], function[1].properties.get("Timeout", DEFAULT_TIMEOUT))
            hidden = _smallest(queue[0], queue[1].properties.get("VisibilityTimeout", DEFAULT_VISIBILITY))
            if hidden < TIMES * longest:
                yield queue[0].finding(
                    (queue[1].name, "VisibilityTimeout"),
                    f"{hidden} s is less than six times the {longest} s of {function[1].name}.",
                    f"Set it to {TIMES * longest} or more.",
                )


def _largest(template: Template, value: Any) -> int:
    parameter = template.parameters.get(target_of(value))
    return int(parameter.get("MaxValue", parameter.get("Default", 900)) if parameter else value)


def _smallest(template: Template, value: Any) -> int:
    parameter = template.parameters.get(target_of(value))
    return int(parameter.get("MinValue", parameter.get("Default", 0)) if parameter else value)
