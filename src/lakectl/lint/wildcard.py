"""A `*` stands beside the reason for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.lint.action import is_everyone
from lakectl.lint.network import ENDPOINT
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

BARE = re.compile(r"(?:\b(?:Resource|Principal|AWS): *\[?|^ *- )['\"]\*['\"][^#]*$")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for number, line in enumerate(template.text.splitlines(), 1):
            if "*" in line and BARE.search(line):
                message = "a `*` without its reason."
                yield Finding(
                    template.path, number, 1, "", message, "Name the resource, or say why in a comment beside it."
                )
        for statement in template.statements:
            if statement.resource.type == ENDPOINT:
                continue  # its policy lets nobody in; network.py says what it must keep out
            if statement.says.get("Effect") == "Allow" and is_everyone(statement.says.get("Principal")):
                words = (statement.resource.name, statement.sid or "Statement")
                yield template.finding(words, "everybody is allowed in.", "Name the principal.")
