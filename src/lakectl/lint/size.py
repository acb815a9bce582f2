"""A template is a page that a person can read, and says who sets each of its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

MOST_LINES, MOST_PARAMETERS, MOST_CONDITIONS = 280, 10, 5
MOST_BYTES = 51_200
"""What CloudFormation takes in a call; a larger template must lie in S3."""
SETTER = re.compile(r"\b[Ss]ets? (it|another one)\b")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        amounts = (
            (template.text.count("\n"), MOST_LINES, "lines"),
            (len(template.text.encode()), MOST_BYTES, "bytes"),
            (len(template.parameters), MOST_PARAMETERS, "parameters"),
            (len(template.document.get("Conditions") or {}), MOST_CONDITIONS, "conditions"),
        )
        for amount, most, what in amounts:
            if amount > most:
                message = f"{amount} {what}; at most {most} can be taken in."
                yield Finding(template.path, 1, 1, "", message, "Split the room by what its parts are for.")
        for name, parameter in template.parameters.items():
            if not SETTER.search(str(parameter.get("Description", ""))):
                hint = "End its Description with who sets it: `lake deploy sets it from lake.yaml.`"
                yield template.finding(("Parameters", name), "does not say who sets it.", hint)
