"""A policy names principals that are there when it is made: IAM refuses a role that another stack has yet to make."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.document import many, target_of, text_of
from lakectl.lint.project import SSM_REFERENCE, Project
from lakectl.specs.finding import Finding


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for statement in template.statements():
            principal = statement.says.get("Principal")
            for one in many(principal.get("AWS")) if isinstance(principal, dict) else ():
                said = text_of(one)
                there = target_of(one) or said.endswith(":root") or SSM_REFERENCE.search(said) or said == "*"
                if not there:
                    yield template.finding(
                        (statement.resource.name, statement.sid),
                        f"the principal {said} may not be there yet.",
                        "Refer to a resource, to what a stack has written down, or to the account with a condition.",
                    )
