"""What each role may do, statement by statement, from the templates."""

from __future__ import annotations

from pathlib import Path

from table import table

from lakectl.lint.document import many
from lakectl.lint.project import Template, read_project

HEAD = """# Permissions

Every role that the lake creates, and each statement that lets it do something. A test takes each statement away and
sees a story fail, so none is idle. Team roles stand under the boundary of `team/template.yaml` as well.
"""


def page(root: Path) -> str:
    parts = [HEAD]
    for template in read_project(root).templates:
        roles = [one.name for one in template.of_type("AWS::IAM::Role")]
        parts += [_role(template, name) for name in roles]
    return "\n".join(parts)


def _role(template: Template, role: str) -> str:
    rows = [
        (f"`{one.sid}`", ", ".join(f"`{action}`" for action in many(one.actions)))
        for one in template.statements()
        if one.resource.name == role and one.policy != "AssumeRolePolicyDocument"
    ]
    return f"## {role}\n\nIn `{template.path}`.\n\n" + table(("statement", "actions"), rows)
