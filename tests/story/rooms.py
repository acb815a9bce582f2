"""Where the rooms of the stories' lake stand, and what becomes of them without one statement of a role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import statements
from lakectl.lint.project import Project
from lakectl.target import Target
from statements import Said, policies_of

SHARED = "foundations/"
ON_GLUE, ON_EMR = "pipelines/stage-b-job.yaml", "pipelines/stage-b-emr.yaml"
TEAMS = {ON_GLUE: "aviation", ON_EMR: "rail"}
"""The two templates of a room that stands once a team, and who of the stories' teams has which."""


def deployed(target: Target, template: str, resource: str, team: str) -> str:
    """The name that CloudFormation gave to a resource."""
    stack = f"{target.prefix}-{_room(template)}" + ("" if template.startswith(SHARED) else f"-{team}")
    found = target.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=resource)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def ruled_by(target: Target, project: Project, said: Said, team: str) -> str:
    """The ARN of the resource that a policy of its own rules."""
    template = next(one for one in project.templates if one.path == said.template)
    return statements.ruled_by(target, template, said.owner, lambda name: deployed(target, said.template, name, team))


@contextmanager
def withheld(target: Target, role: str, sid: str) -> Iterator[None]:
    """Take one statement away from a deployed role for a while."""
    iam = target.client("iam")
    (name, whole) = next(
        found for found in policies_of(iam, role).items() if sid in {one["Sid"] for one in found[1]["Statement"]}
    )
    less = {**whole, "Statement": [one for one in whole["Statement"] if one["Sid"] != sid]}
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def _room(template: str) -> str:
    """`team/template.yaml` is the room of its folder; any other template names its room itself, but for one."""
    path = Path(ON_GLUE if template == ON_EMR else template)
    return path.parent.name if path.stem == "template" else path.stem
