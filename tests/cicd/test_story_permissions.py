"""What pipelines, builds and their helpers may do is needed: without it, a decision of test_story.py is a denial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cicd.conftest import HOME, OTHER, REGION
from lake.core.owner import PLATFORM
from lakectl.cicd.reach import CICD
from lakectl.demo.workplace import DOMAIN, Workplace
from lakectl.lint.document import target_of
from lakectl.lint.project import Template, read_project
from lakectl.specs.lake import Environment
from lakectl.target import Target, target_at
from lakelocal import cloud
from statements import (
    Evidence,
    Needed,
    Said,
    allows_in,
    case_of,
    idle,
    is_excused,
    policies_in,
    recorded,
    replayed,
    ruled_by,
    together,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
ROOT = Path(__file__).resolve().parents[2]
PROJECT = read_project(ROOT).below("templates/cicd/")
TEMPLATES = {template.path: template for template in PROJECT.templates}
OF_NO_STORY = "pull-requests-pipeline-PipelineRole"
BY_THE_TABLE, AS_AT_HOME = "tests/template/test_deployers.py", "tests/unit/lakectl/test_cicd_stacks.py"
ELSEWHERE = {
    "deployer-DeployRole": BY_THE_TABLE,
    "team-deployer-DeployRole": BY_THE_TABLE,
    "teams-KeepRole": BY_THE_TABLE,
    "reach-teams-KeepRole": BY_THE_TABLE,
    "reach-DeployRole": AS_AT_HOME,
    "reach-VerifyRole": AS_AT_HOME,
    "reach-teams-TeamsRole": AS_AT_HOME,
    OF_NO_STORY: AS_AT_HOME,
}
"""Roles of which another test says why they may what they may.

CloudFormation's may what their resources ask for; those in other accounts may what the builds may at home; the pipeline
of pull requests, which no mirror starts, may what other pipelines may.
"""
OF_A_CONNECTION = {
    "PipelineMayReadItsRepository": "tests/cicd/test_connections.py replays it",
    "PullRequestMayReadItsCommit": "a build takes it from the bucket, as the check of every pipeline does",
    "PullRequestMayUseTheKeyOfArtifacts": "the same",
    "PullRequestMayReadItsToken": "a provider's token, which no mirror asks for",
}
"""Statements that stand only behind a connection, and why this story does not need them."""
OWNERS = (PLATFORM, "aviation", "rail", "freight")
PROBED = "team-deployer-DeployRole"
"""The role that the story asks for what it may not do."""
BY_VERSION = "CodePipeline tells a build the version of its artifact, and the local one tells none: "
BY_VERSION += "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"
OF_A_BAD_END = "what an attempt that failed has left is taken up: tests/deploying/test_statuses.py, as root"
OF_OLD_VERSIONS = "the sixth release of a function: tests/deploying/test_versions.py, as root"
UNSEEN = {
    ("CheckMayPassArtifactsOn", "s3:GetObjectVersion"): BY_VERSION,
    ("DeploymentMayReadTheArtifact", "s3:GetObjectVersion"): BY_VERSION,
    ("PipelineMayPassArtifactsOn", "s3:GetObjectVersion"): BY_VERSION,
    ("TeamsMayReadTheArtifact", "s3:GetObjectVersion"): BY_VERSION,
    ("VerificationMayReadTheArtifact", "s3:GetObjectVersion"): BY_VERSION,
    ("DeploymentMayApplyChanges", "cloudformation:DeleteChangeSet"): OF_A_BAD_END,
    ("DeploymentMayApplyChanges", "cloudformation:ContinueUpdateRollback"): OF_A_BAD_END,
    ("TeamsMayApplyChanges", "cloudformation:DeleteChangeSet"): OF_A_BAD_END,
    ("TeamsMayApplyChanges", "cloudformation:ListChangeSets"): "a team's pipeline that is changed: "
    "tests/deploying/test_statuses.py changes stacks, as root",
    ("DeploymentMayFollowStacks", "cloudformation:DescribeStackResourceDrifts"): "a stack that has drifted: "
    "tests/deploying/test_guards.py, as root",
    ("DeploymentMayRemoveOldVersions", "lambda:DeleteFunction"): OF_OLD_VERSIONS,
    ("DeploymentMayRemoveOldVersions", "-*:*"): OF_OLD_VERSIONS,
    ("TeamsMayBuildOnARelease", "codepipeline:StartPipelineExecution"): "a release after a team got a repository: "
    "the story has one such team, and no release after it",
    ("TeamsMayBuildOnARelease", ":lake-*"): "the same",
}
"""What AWS or a longer story needs: an action, or the end of a resource, of a statement."""


def role_of(said: Said) -> str:
    return f"{Path(said.template).stem}-{said.owner}"


EVERY = list(allows_in(PROJECT))
ALLOWS = [one for one in EVERY if role_of(one) not in ELSEWHERE and one.sid not in OF_A_CONNECTION]
POLICIES = list(policies_in(PROJECT))
RULED = [
    (template, target_of(permission.properties["FunctionName"]))
    for template in PROJECT.templates
    for permission in template.of_type("AWS::Lambda::Permission")
]


def name_of(said: Said) -> str:
    return said.name


def target_in(place: Workplace, account: str) -> Target:
    return target_at(place.folder, DOMAIN, CICD, Environment(account=account, region=REGION))


@pytest.fixture(scope="module")
def evidence(place: Workplace) -> Evidence:
    """What the story needed of every role of pipelines, and of every policy of a resource."""
    asked = {"repositoryName": "lake", "pullRequestStatus": "CLOSED"}
    if not place.client("codecommit").list_pull_requests(**asked)["pullRequestIds"]:
        pytest.fail("no story was told that needs anything: run tests/cicd/test_story.py with this")
    return replayed(place.folder, recorded(cloud.state_folder(place.folder)), dict(cases(place)))


def cases(place: Workplace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every role of every stack of pipelines, in both accounts, by `<room>-<role> of <owner> in <account>`."""
    for account in (HOME, OTHER):
        target = target_in(place, account)
        client = target.client("cloudformation")
        for stack in (one for page in client.get_paginator("describe_stacks").paginate() for one in page["Stacks"]):
            tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
            if tags.get("lake:environment") != CICD:
                continue
            for one in client.describe_stack_resources(StackName=stack["StackName"])["StackResources"]:
                if one["ResourceType"] == "AWS::IAM::Role":
                    name = f"{tags['lake:room']}-{one['LogicalResourceId']} of {tags['lake:owner']} in {account}"
                    yield name, case_of(target.client("iam"), one["PhysicalResourceId"])


@pytest.fixture(scope="module")
def needed(evidence: Evidence) -> Mapping[str, Needed]:
    """What is needed of a role, whoever of its owners needs it."""
    found: dict[str, list[Needed]] = {}
    for name, one in evidence.roles.items():
        found.setdefault(name.split()[0], []).append(one)
    return {role: together(every, OWNERS) for role, every in found.items()}


@pytest.mark.parametrize("allow", ALLOWS, ids=name_of)
def test_every_action_and_resource_of_an_allow_is_needed(allow: Said, needed: Mapping[str, Needed]) -> None:
    assert [part for part in idle(allow, needed[role_of(allow)]) if not is_excused(UNSEEN, allow.sid, part)] == [], (
        f"{allow.template}: the story does not need this of {allow.sid} of {allow.owner}. "
        "Remove it, or tell in tests/cicd/test_story.py what needs it."
    )


@pytest.mark.parametrize(("sid", "part"), UNSEEN, ids="-".join)
def test_what_is_excused_is_allowed_and_still_unseen(sid: str, part: str, needed: Mapping[str, Needed]) -> None:
    seen = [one for allow in ALLOWS if allow.sid == sid for one in idle(allow, needed[role_of(allow)])]
    assert any(is_excused({(sid, part)}, sid, one) for one in seen), f"{part} needs no excuse"


@pytest.mark.parametrize("role", sorted({role_of(one) for one in EVERY} - {PROBED, OF_NO_STORY}))
def test_a_role_lacks_nothing_that_it_asked_for(role: str, needed: Mapping[str, Needed]) -> None:
    assert needed[role].lacking == frozenset()


def ruled(place: Workplace, said: Said) -> str:
    """The ARN of the resource that a policy of its own rules."""
    return ruled_by(
        target_in(place, HOME), TEMPLATES[said.template], said.owner, lambda name: deployed(place, said.template, name)
    )


def deployed(place: Workplace, template: str, resource: str) -> str:
    stack = f"{DOMAIN}-{CICD}-{Path(template).stem}"
    found = place.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=resource)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


@pytest.mark.parametrize("said", [one for one in POLICIES if not one.denies], ids=name_of)
def test_every_action_that_a_resource_allows_is_needed(said: Said, place: Workplace, evidence: Evidence) -> None:
    carried = evidence.resources[ruled(place, said)]["carried"]
    missing = [action for action in said.actions if f"{said.sid}|{action}" not in carried]
    assert missing == [], f"{said.template}: the story does not need this of {said.sid} in the policy of {said.owner}."


@pytest.mark.parametrize(("template", "function"), RULED, ids=lambda part: Path(getattr(part, "path", part)).stem)
def test_a_permission_to_run_a_function_is_needed(
    template: Template, function: str, place: Workplace, evidence: Evidence
) -> None:
    assert len(evidence.resources[deployed(place, template.path, function)]["carried"]) == 1


def test_a_bucket_of_artifacts_refuses_plain_http_to_those_whom_it_serves(place: Workplace, evidence: Evidence) -> None:
    (said,) = [one for one in POLICIES if one.sid == "PlainHttpIsRefused"]
    assert evidence.resources[ruled(place, said)]["bites"].get(said.sid)
