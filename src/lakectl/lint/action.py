"""A statement allows at most five listed actions of one service, and never all of them."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.document import many
from lakectl.lint.project import Project, Statement
from lakectl.specs.finding import Finding

MOST = 5


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for statement in template.statements:
            words = (statement.resource.name, statement.sid or "Statement")
            if len(statement.actions) > MOST:
                hint = "Split the statement by what it is for."
                yield template.finding(words, f"{len(statement.actions)} actions in one statement.", hint)
            if len({action.split(":")[0] for action in statement.actions}) > 1:
                yield template.finding(
                    words, "actions of two services in one statement.", "Write a statement for each."
                )
            if statement.says.get("Effect") == "Allow" and _everything(statement):
                yield template.finding(words, "allows every action of a service.", "List the actions that are needed.")


def _everything(statement: Statement) -> bool:
    """Outside a key's own policy, where the account's root must keep all rights to it."""
    return statement.policy != "KeyPolicy" and any(
        action.endswith(":*") or action == "*" for action in statement.actions
    )


def is_everyone(principal: object) -> bool:
    """Whether a Principal means anybody."""
    if isinstance(principal, dict):
        return any("*" in many(value) for value in principal.values())
    return principal == "*"
