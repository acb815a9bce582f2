"""A function says its memory and its time, within what Lambda has: the local cloud gives it all that the host has.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import target_of
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

BOUNDS = {"MemorySize": (128, 10_240, "MB"), "Timeout": (1, 900, "s")}
"""What Lambda takes; unsaid, it would be the 128 MB and 3 s of a function that does next to nothing."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for function in template.of_type("AWS::Lambda::Function"):
            for name, (least, most, unit) in BOUNDS.items():
                said = function.properties.get(name)
                if said is None:
                    message = f"does not say its {name}, and would have next to none."
                    yield template.finding((function.name,), message, f"Set it, {least} to {most} {unit}.")
                parameter = template.parameters.get(target_of(said))
                if parameter is not None and not least <= _edge(parameter, "Min") <= _edge(parameter, "Max") <= most:
                    message = f"lets {name} be what Lambda refuses."
                    hint = f"Keep MinValue and MaxValue within {least} and {most} {unit}."
                    yield template.finding(("Parameters", target_of(said)), message, hint)


def _edge(parameter: Mapping[str, Any], which: str) -> int:
    return int(parameter.get(f"{which}Value", -1))
