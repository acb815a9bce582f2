"""What the templates allow, and what of it the recorded decisions of the local cloud needed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Statement, Template
from lakectl.target import Target
from lakelocal import cloud

Document = Mapping[str, Any]
SHARED = "foundations/"
ON_GLUE, ON_EMR = "pipelines/stage-b-job.yaml", "pipelines/stage-b-emr.yaml"
TEAMS = {ON_GLUE: "aviation", ON_EMR: "rail"}
"""The two templates of a room that stands once a team, and who of the stories' teams has which."""
OWN_POLICIES = ("AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
"""The types that carry the policy of a resource."""


@dataclass(frozen=True)
class Said:
    """One statement of one role or resource, as its template says it."""

    template: str
    owner: str
    sid: str
    actions: tuple[str, ...]
    denies: bool = False

    @property
    def name(self) -> str:
        return f"{Path(self.template).stem if self.template.startswith(SHARED) else _room(self.template)}-{self.sid}"


@dataclass(frozen=True)
class Needed:
    """The parts of one role's statements without which a recorded decision would have been a denial.

    `lacking` are the actions that the role asked for in vain.
    """

    sids: frozenset[str]
    actions: frozenset[tuple[str, str]]
    idle_resources: Mapping[str, tuple[str, ...]]
    lacking: frozenset[str]


@dataclass(frozen=True)
class Evidence:
    """The answer of the one replay: by case of a role, and by the ARN of a resource that has a policy."""

    roles: Mapping[str, Needed]
    resources: Mapping[str, Mapping[str, Mapping[str, int]]]


def allows_in(project: Project) -> Iterator[Said]:
    """Every Allow of every role in the templates; a role's trust and its boundary grant nothing."""
    for template in project.templates:
        for statement in template.statements:
            granted = statement.policy != "AssumeRolePolicyDocument" and statement.says.get("Effect") == "Allow"
            if statement.resource.type == "AWS::IAM::Role" and granted:
                yield _said(template, statement)


def policies_in(project: Project) -> Iterator[Said]:
    """Every statement of every key's, bucket's and queue's own policy in the templates."""
    for template in project.templates:
        for statement in template.statements:
            if statement.resource.type in OWN_POLICIES:
                yield _said(template, statement)


def _said(template: Template, statement: Statement) -> Said:
    denies = statement.says.get("Effect") == "Deny"
    return Said(template.path, statement.resource.name, statement.sid, tuple(statement.actions), denies)


def roles_in(project: Project) -> list[tuple[Template, str]]:
    return [(template, role.name) for template in project.templates for role in template.of_type("AWS::IAM::Role")]


def deployed(target: Target, template: str, resource: str, team: str) -> str:
    """The name that CloudFormation gave to a resource."""
    stack = f"{target.prefix}-{_room(template)}" + ("" if template.startswith(SHARED) else f"-{team}")
    found = target.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=resource)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def ruled_by(target: Target, project: Project, said: Said, team: str) -> str:
    """The ARN of the resource that a policy of its own rules."""
    template = next(one for one in project.templates if one.path == said.template)
    policy = template.resources[said.owner]
    here = f"{target.region}:{target.account}"
    if policy.type == "AWS::KMS::Key":
        return f"arn:aws:kms:{here}:key/{deployed(target, said.template, said.owner, team)}"
    if policy.type == "AWS::S3::BucketPolicy":
        return f"arn:aws:s3:::{deployed(target, said.template, target_of(policy.properties['Bucket']), team)}"
    url = deployed(target, said.template, target_of(policy.properties["Queues"][0]), team)
    return f"arn:aws:sqs:{here}:{url.rsplit('/', 1)[-1]}"


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


def case_of(target: Target, role: str) -> dict[str, Any]:
    """A deployed role under its own policies, as the replay asks for it."""
    return {"role": role, "policies": policies_of(target, role), "boundary": boundary_of(target, role)}


def replayed(
    root: Path, cases: Mapping[str, Mapping[str, Any]], more: Mapping[str, Document] | None = None
) -> Evidence:
    """Take every part of every policy away in turn, and see which recorded decisions turn into denials.

    `more` are policies of resources that count instead of the recorded ones.
    """
    lines = (cloud.state_folder(root) / "decisions.jsonl").read_text().splitlines()
    question = {"decisions": [json.loads(line) for line in lines], "cases": cases, "resources": more or {}}
    done = subprocess.run(
        [cloud.environment_folder(root) / "bin/python", "-m", "lakelocal.inside.replay"],
        input=json.dumps(question),
        env={"PYTHONPATH": str(root / "src")},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    roles = {name: _needed(cases[name]["policies"], answer) for name, answer in found["cases"].items()}
    return Evidence(roles, found["resources"])


def _needed(policies: Mapping[str, Document], answer: Mapping[str, Any]) -> Needed:
    carrying = {tuple(name.split("|", 2)) for name in answer["carried"]}
    alive = {(sid, resource) for sid, _, resource in carrying}
    idle: dict[str, list[str]] = {}
    for statement in (one for document in policies.values() for one in document["Statement"]):
        for resource in many(statement["Resource"]):
            if (statement["Sid"], resource) not in alive:
                idle.setdefault(statement["Sid"], []).append(resource)
    return Needed(
        sids=frozenset(sid for sid, _, _ in carrying),
        actions=frozenset((sid, action) for sid, action, _ in carrying),
        idle_resources={sid: tuple(sorted(resources)) for sid, resources in idle.items()},
        lacking=frozenset(answer["lacking"]),
    )


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


def _room(template: str) -> str:
    """`team/template.yaml` is the room of its folder; any other template names its room itself, but for one."""
    path = Path(ON_GLUE if template == ON_EMR else template)
    return path.parent.name if path.stem == "template" else path.stem
