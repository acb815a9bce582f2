"""Teams share the platform's tables, and see their own items in them: DynamoDB is told by which keys.

A scan names no key, so that a condition on all of its keys holds: it is never allowed.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.boundary import BELOW
from lakectl.lint.document import many, target_of, text_of
from lakectl.lint.project import Project, Statement, Template
from lakectl.specs.finding import Finding

CONDITION = "dynamodb:LeadingKeys"
OPERATORS = ("ForAllValues:StringLike", "ForAllValues:StringEquals")
OWN = ("${Team}/", "team#${Team}")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        if not template.path.startswith(BELOW):
            continue
        for statement in template.statements:
            if statement.says.get("Effect") == "Allow" and _is_shared(template, statement):
                words = (statement.resource.name, statement.sid or "Statement")
                if not _keys(statement) or not all(text_of(key).startswith(OWN) for key in _keys(statement)):
                    hint = f"Add Condition: {{'{OPERATORS[0]}': {{'{CONDITION}': !Sub '${{Team}}/*'}}}}."
                    yield template.finding(words, "reaches the items of other teams.", hint)
                if any(action in ("dynamodb:Scan", "dynamodb:*") for action in statement.actions):
                    yield template.finding(words, "a scan reads the items of all teams.", "Query by key.")


def _is_shared(template: Template, statement: Statement) -> bool:
    """Whether it is about a table that another template made."""
    return any(action.startswith("dynamodb:") for action in statement.actions) and not all(
        target_of(one) in template.resources for one in many(statement.says.get("Resource"))
    )


def _keys(statement: Statement) -> list[object]:
    conditions = statement.says.get("Condition") or {}
    return [key for operator in OPERATORS for key in many((conditions.get(operator) or {}).get(CONDITION))]
