"""What the templates allow, and what of it the recorded decisions of the local cloud needed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Statement, Template
from lakectl.target import Target
from lakelocal import cloud

Document = Mapping[str, Any]
Decision = Mapping[str, Any]
OWN_POLICIES = ("AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
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
        """Its room, which is its template's name or folder, and its Sid."""
        path = Path(self.template)
        return f"{path.parent.name if path.stem == 'template' else path.stem}-{self.sid}"


@dataclass(frozen=True)
class Needed:
    """The parts of one role's statements without which a recorded decision would have been a denial.

    Actions and resources stand with the Sid of their statement. `lacking` is what the role asked for in vain.
    """

    sids: frozenset[str]
    actions: frozenset[tuple[str, str]]
    resources: frozenset[tuple[str, str]]
    idle_resources: frozenset[tuple[str, str]]
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
            role = _granted_to(statement)
            if role and statement.says.get("Effect") == "Allow":
                yield _said(template, statement, role)


def _granted_to(statement: Statement) -> str:
    """The role that a statement is of, its own or that of a policy attached to it; "" where it is of none."""
    resource = statement.resource
    if resource.type == "AWS::IAM::ManagedPolicy":
        return target_of(next(iter(resource.properties.get("Roles", ())), None))
    is_trust = statement.policy == "AssumeRolePolicyDocument"
    return resource.name if resource.type == "AWS::IAM::Role" and not is_trust else ""


def policies_in(project: Project) -> Iterator[Said]:
    """Every statement of every key's, bucket's, topic's and queue's own policy in the templates."""
    for template in project.templates:
        for statement in template.statements:
            if statement.resource.type in OWN_POLICIES:
                yield _said(template, statement, statement.resource.name)


def _said(template: Template, statement: Statement, owner: str) -> Said:
    denies = statement.says.get("Effect") == "Deny"
    return Said(template.path, owner, statement.sid, tuple(statement.actions), denies)


def idle(allow: Said, needed: Needed) -> list[str]:
    """The actions and resources of an Allow that no decision needed."""
    actions = [action for action in allow.actions if (allow.sid, action) not in needed.actions]
    return [*actions, *sorted(resource for sid, resource in needed.idle_resources if sid == allow.sid)]


def is_excused(excuses: Collection[tuple[str, str]], sid: str, part: str) -> bool:
    """Whether an action, or a resource by its end, is among the excuses of a statement."""
    return any(owner == sid and part.endswith(end) for owner, end in excuses)


def roles_in(project: Project) -> list[tuple[Template, str]]:
    return [(template, role.name) for template in project.templates for role in template.of_type("AWS::IAM::Role")]


def ruled_by(target: Target, template: Template, policy: str, physical: Callable[[str], str]) -> str:
    """The ARN of the resource that a policy of its own rules; `physical` says what CloudFormation called a resource."""
    here, properties = f"{target.region}:{target.account}", template.resources[policy].properties
    match template.resources[policy].type:
        case "AWS::KMS::Key":
            return f"arn:aws:kms:{here}:key/{physical(policy)}"
        case "AWS::S3::BucketPolicy":
            return f"arn:aws:s3:::{physical(target_of(properties['Bucket']))}"
        case "AWS::SNS::TopicPolicy":
            return physical(target_of(properties["Topics"][0]))
        case _:
            return f"arn:aws:sqs:{here}:{physical(target_of(properties['Queues'][0])).rsplit('/', 1)[-1]}"


def policies_of(iam: Any, role: str) -> dict[str, Document]:
    """The policies that are written into a role, by name; `iam` is a client."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


def boundary_of(iam: Any, role: str) -> Document | None:
    attached = iam.get_role(RoleName=role)["Role"].get("PermissionsBoundary")
    if attached is None:
        return None
    arn = attached["PermissionsBoundaryArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return document


def case_of(iam: Any, role: str) -> dict[str, Any]:
    """A deployed role under its own policies, as the replay asks for it."""
    return {"role": role, "policies": policies_of(iam, role), "boundary": boundary_of(iam, role)}


def recorded(state: Path) -> list[Decision]:
    """The decisions that a local cloud has written down in its folder."""
    return [json.loads(line) for line in (state / "decisions.jsonl").read_text().splitlines()]


def replayed(root: Path, decisions: Sequence[Decision], cases: Mapping[str, Mapping[str, Any]]) -> Evidence:
    """Take every part of every policy away in turn, and see which decisions turn into denials."""
    done = subprocess.run(
        [cloud.environment_folder(root) / "bin/python", "-m", "lakelocal.inside.replay"],
        input=json.dumps({"decisions": decisions, "cases": cases}),
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
    alive = frozenset((sid, resource) for sid, _, resource in carrying)
    every = {
        (statement["Sid"], resource)
        for document in policies.values()
        for statement in document["Statement"]
        for resource in many(statement["Resource"])
    }
    return Needed(
        sids=frozenset(sid for sid, _, _ in carrying),
        actions=frozenset((sid, action) for sid, action, _ in carrying),
        resources=alive,
        idle_resources=frozenset(every - alive),
        lacking=frozenset(answer["lacking"]),
    )


def together(every: Sequence[Needed], owners: Collection[str] = ()) -> Needed:
    """What a role needed that stands once an owner: what one of them needs is needed, whoever's name is in it."""

    def whoever(pairs: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        for owner in owners:
            pairs = frozenset((sid, resource.replace(owner, "<owner>")) for sid, resource in pairs)
        return pairs

    resources = frozenset[tuple[str, str]]().union(*(whoever(one.resources) for one in every))
    return Needed(
        sids=frozenset[str]().union(*(one.sids for one in every)),
        actions=frozenset[tuple[str, str]]().union(*(one.actions for one in every)),
        resources=resources,
        idle_resources=frozenset().union(*(whoever(one.idle_resources) for one in every)) - resources,
        lacking=frozenset[str]().union(*(one.lacking for one in every)),
    )
