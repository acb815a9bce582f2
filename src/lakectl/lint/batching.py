"""How queues feed functions: with a window above ten messages, failures one by one, a bound on workers."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

WITHOUT_WINDOW = 10
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
            said = mapping.properties
            size = said.get("BatchSize", WITHOUT_WINDOW)
            if isinstance(size, int) and size > WITHOUT_WINDOW and not said.get("MaximumBatchingWindowInSeconds"):
                hint = "Set MaximumBatchingWindowInSeconds to 1 or more."
                yield template.finding((mapping.name, "BatchSize"), f"{size} messages need a batching window.", hint)
            if "ReportBatchItemFailures" not in said.get("FunctionResponseTypes", []):
                yield template.finding(
                    (mapping.name,),
                    "one bad message would bring back its whole batch.",
                    "Set FunctionResponseTypes: [ReportBatchItemFailures].",
                )
            most = (said.get("ScalingConfig") or {}).get("MaximumConcurrency")
            function = project.function_behind(template, said.get("FunctionName"))
            reserved = function[1].properties.get("ReservedConcurrentExecutions") if function else None
            if isinstance(reserved, int) and isinstance(most, int) and most > reserved:
                message = f"{most} workers of a function that has {reserved}: throttled deliveries count as attempts."
                yield template.finding((mapping.name, "MaximumConcurrency"), message, f"Set it to {reserved} or less.")
            if not most:
                yield template.finding(
                    (mapping.name,),
                    "without a bound, throttled deliveries count as attempts and end among the dead letters.",
                    "Set ScalingConfig: {MaximumConcurrency: …}.",
                )
