"""What the roles of the lake are allowed, and what of it the recorded decisions of the local cloud needed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from lakectl.lint.document import many
from lakectl.lint.project import Project, Template
from lakectl.target import Target
from lakelocal import cloud

Document = Mapping[str, Any]
SHARED = "foundations/"


@dataclass(frozen=True)
class Allow:
    """One Allow of one role, as its template says it."""

    template: str
    role: str
    sid: str
    actions: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{Path(self.template).stem if self.template.startswith(SHARED) else _room(self.template)}-{self.sid}"


@dataclass(frozen=True)
class Needed:
    """The parts of one role's statements without which a recorded decision would have been a denial."""

    sids: frozenset[str]
    actions: frozenset[tuple[str, str]]
    idle_resources: Mapping[str, tuple[str, ...]]


def allows_in(project: Project) -> Iterator[Allow]:
    """Every Allow of every role in the templates; a role's trust and its boundary grant nothing."""
    for template in project.templates:
        for statement in template.statements():
            granted = statement.policy != "AssumeRolePolicyDocument" and statement.says.get("Effect") == "Allow"
            if statement.resource.type == "AWS::IAM::Role" and granted:
                yield Allow(template.path, statement.resource.name, statement.sid, tuple(statement.actions))


def roles_in(project: Project) -> list[tuple[Template, str]]:
    return [(template, role.name) for template in project.templates for role in template.of_type("AWS::IAM::Role")]


def deployed_role(target: Target, template: str, role: str, team: str) -> str:
    """The name that CloudFormation gave to a role."""
    stack = f"{target.prefix}-{_room(template)}" + ("" if template.startswith(SHARED) else f"-{team}")
    client = target.client("cloudformation")
    found = client.describe_stack_resource(StackName=stack, LogicalResourceId=role)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def policies_of(target: Target, role: str) -> dict[str, Document]:
    """The policies that are written into a role, by name."""
    iam = target.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


def boundary_of(target: Target, role: str) -> Document | None:
    iam = target.client("iam")
    attached = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary")
    if attached is None:
        return None
    arn = attached["PermissionsBoundaryArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return document


def decisions_of(root: Path, role: str) -> list[dict[str, Any]]:
    """What the local cloud was asked for this role, and what it answered."""
    lines = (cloud.state_folder(root) / "decisions.jsonl").read_text().splitlines()
    return [found for found in map(json.loads, lines) if found["role"] == role]


def needed(root: Path, policies: Mapping[str, Document], boundary: Document | None, decisions: list[Any]) -> Needed:
    """Take every action on every resource away in turn, and see which decisions turn into denials."""
    parts = {name: {**document, "Statement": list(_parts(document))} for name, document in policies.items()}
    question = {"decisions": decisions, "policies": parts, "boundary": boundary}
    flips = _replayed(root, question)["flips"]
    carrying = [tuple(name.partition("/")[2].split("|")) for name, flipped in flips.items() if flipped]
    resources = {(sid, resource) for sid, _, resource in (name.partition("/")[2].split("|") for name in flips)}
    idle = resources - {(sid, resource) for sid, _, resource in carrying}
    return Needed(
        sids=frozenset(sid for sid, _, _ in carrying),
        actions=frozenset((sid, action) for sid, action, _ in carrying),
        idle_resources={
            sid: tuple(sorted(resource for owner, resource in idle if owner == sid)) for sid, _ in sorted(idle)
        },
    )


def refused(root: Path, policies: Mapping[str, Document], boundary: Document | None, decisions: list[Any]) -> set[str]:
    """The actions of recorded denials that these policies deny as well: what a role lacks."""
    denials = [{**one, "allowed": True} for one in decisions if not one["allowed"]]
    nothing = {"Statement": [{"Sid": "Nothing", "Effect": "Allow", "Action": "none:Nothing", "Resource": "*"}]}
    question = {"decisions": denials, "policies": {**policies, "spare": nothing}, "boundary": boundary}
    return {denials[index]["action"] for index in _replayed(root, {**question, "without": "spare/Nothing"})["denied"]}


@contextmanager
def withheld(target: Target, role: str, sid: str) -> Iterator[None]:
    """Take one statement away from a deployed role for a while."""
    iam = target.client("iam")
    (name, whole) = next(
        found for found in policies_of(target, role).items() if sid in {one["Sid"] for one in found[1]["Statement"]}
    )
    less = {**whole, "Statement": [one for one in whole["Statement"] if one["Sid"] != sid]}
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def _parts(document: Document) -> Iterator[dict[str, Any]]:
    """The same policy, with a statement for each action on each resource."""
    for statement in document["Statement"]:
        for action, resource in product(many(statement["Action"]), many(statement["Resource"])):
            sid = f"{statement['Sid']}|{action}|{resource}"
            yield {**statement, "Sid": sid, "Action": action, "Resource": resource}


def _replayed(root: Path, question: Mapping[str, Any]) -> Any:
    done = subprocess.run(
        [cloud.environment_folder(root) / "bin/python", "-m", "lakelocal.inside.replay"],
        input=json.dumps(question),
        env={"PYTHONPATH": str(root / "src")},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def _room(template: str) -> str:
    """`team/template.yaml` is the room of its folder; any other template names its room itself."""
    path = Path(template)
    return path.parent.name if path.stem == "template" else path.stem
