"""Who may hand a role or a connection on says to which service, or it could be handed to any that trusts it."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

HANDED = {
    "iam:PassRole": "iam:PassedToService",
    "codeconnections:PassConnection": "codeconnections:PassedToService",
    "codestar-connections:PassConnection": "codestar-connections:PassedToService",
}
"""What hands something on, and the condition that says to whom."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for statement in template.statements:
            named = {key for test in (statement.says.get("Condition") or {}).values() for key in test}
            for action in statement.actions:
                key = HANDED.get(action)
                if key and key not in named and statement.says.get("Effect") == "Allow":
                    words = (statement.resource.name, statement.sid)
                    yield template.finding(words, f"{action} to any service.", f"Add a Condition on {key}.")
