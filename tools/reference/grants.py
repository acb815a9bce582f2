"""Who may do what with which, and what each resource's own policy says, from the templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lakectl.lint.document import many, target_of, text_of
from lakectl.lint.project import Statement, Template, read_project

TRUST = "AssumeRolePolicyDocument"
WRITTEN = re.compile(r"\{\{resolve:ssm:/lake/\$\{Domain\}/\$\{Environment\}/([^/]+)/[^/]+/([^}]+)\}\}")
HEAD = """# Permissions

What every role may do, and what the policies of keys, buckets and queues say, written from the templates by
`tools/reference`. The name of a statement says why it is there. That each of them is needed, and that each refusal
of plain HTTP bites, is shown by `tests/story/test_permissions.py`, and by `tests/cicd/test_story_permissions.py` for
pipelines; that a role as which CloudFormation deploys may what its resources ask for and no more, by
`tests/template/test_deployers.py`; that no role of a team reaches anything of another team, by
`tests/story/test_teams.py`. `<room/thing>` is a name that the room wrote down for the others.
"""


def page(root: Path) -> str:
    project = read_project(root)
    return "\n".join([HEAD, *(line for template in project.templates for line in _of_template(template))])


def _of_template(template: Template) -> Iterator[str]:
    owners: dict[str, list[Statement]] = {}
    for statement in template.statements:
        owners.setdefault(statement.resource.name, []).append(statement)
    for owner, statements in owners.items():
        kind = statements[0].resource.type.split("::", 1)[1]
        trusted = [_principal(one) for one in statements if one.policy == TRUST]
        yield f"## {owner}\n"
        yield f"{kind} of `{template.path}`" + (f", for {', '.join(trusted)}" if trusted else "") + ".\n"
        yield "| | actions | on |\n|---|---|---|"
        for one in statements:
            if one.policy != TRUST:
                effect = "" if one.says.get("Effect") == "Allow" else " (refusal)"
                who = f", {_principal(one)}" if "Principal" in one.says else ""
                on = "<br>".join(_place(each) for each in many(one.says.get("Resource")))
                actions = "<br>".join(f"`{action}`" for action in one.actions)
                yield f"| {_sentence(one.sid)}{effect}{who} | {actions} | {on} |"
        yield ""


def _sentence(sid: str) -> str:
    """`RouteMayLog` as words: Route may log."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", sid)
    return " ".join([words[0], *(word.lower() for word in words[1:])]) if words else sid


def _principal(statement: Statement) -> str:
    principal = statement.says.get("Principal")
    if not isinstance(principal, dict):
        return "everyone"
    return ", ".join(_place(each) for value in principal.values() for each in many(value))


def _place(value: Any) -> str:
    """A resource or principal, short enough to read."""
    text = WRITTEN.sub(r"<\1/\2>", text_of(value)) or target_of(value)
    return "`" + text.replace("${AWS::Partition}", "aws").replace("${AWS::Region}:${AWS::AccountId}", "…") + "`"
