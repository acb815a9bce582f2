"""A role as which CloudFormation deploys may do what the resources that it deploys ask for, and no more.

Not what one story happened to deploy, but all that the table of provisioning says of each resource of each template:
made, changed in every property, deleted. Each part of each Allow is taken away, and what then is denied is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from standing_stacks import ACCOUNT, REGION, StandingStacks

from lake.core.owner import PLATFORM
from lakectl import package
from lakectl.cicd.stacks import Plan, first_stacks, owned_stacks, plan_for, stacks_apart
from lakectl.compile import compile_lake
from lakectl.lint.project import read_project
from lakectl.owner import owned_by
from lakectl.specs.lake import LakeSpec
from lakectl.specs.load import load_lake
from lakectl.stacks import Blueprint, Stack, stacks_of
from statements import Needed, Said, allows_in, idle, is_excused, replayed, together

ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT).below("templates/cicd/")
ROLES = (
    ("deployer", "DeployRole"),
    ("team-deployer", "DeployRole"),
    ("teams", "KeepRole"),
    ("reach-teams", "KeepRole"),
)
"""What CloudFormation acts as, by template and role; all other roles of pipelines are seen at work in tests/cicd."""
ALLOWS = [one for one in allows_in(PROJECT) if (Path(one.template).stem, one.owner) in ROLES]
BY_AN_ADMINISTRATOR = "lake-formation"
"""Rooms that no deploy role deploys: docs/decisions/lake-formation.md."""
HERE, THERE = {"account": ACCOUNT, "region": REGION}, {"account": ACCOUNT, "region": "us-east-1"}
NETWORK = {"cidr": "10.20.0.0/20"}
MAIL = "someone@example.com"
SWITCHES: dict[str, Any] = {
    "environments": {"dev": {**HERE, "network": NETWORK}, "prod": THERE},
    "alarms": {"email": MAIL},
    "dashboards": True,
    "audit": True,
    "tracing": True,
    "budget": {"dollars": 100, "email": MAIL},
}
TEAMS = ("aviation", "rail")
READING = "S3 asks it of whoever has Lambda take code from a bucket that a key encrypts: "
READING += "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
FIRST = "EMR Serverless makes its role with the first application of an account: "
FIRST += "https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-service-linked-roles.html"
STANDING = "EMR Serverless tries it as whoever makes an application with subnets; the handlers of the type list it"
UNASKED = {
    ("StacksMayUseKeys", "kms:Decrypt"): READING,
    ("StacksMayDecryptWhatIsShipped", "kms:Decrypt"): READING,
    ("StacksMayDecryptWhatIsShipped", ":key/*"): READING,
    ("StacksMayUseKeys", "kms:GenerateDataKey"): "the handlers of AWS::Athena::WorkGroup list it, "
    "for a work group whose results a key encrypts",
    ("StacksMayMakeTheFirstApplication", "iam:CreateServiceLinkedRole"): FIRST,
    ("StacksMayMakeTheFirstApplication", "/AWSServiceRoleForAmazonEMRServerless"): FIRST,
    ("StacksMayLetApplicationsStandInTheNetwork", "ec2:CreateNetworkInterface"): STANDING,
    ("StacksMayLetApplicationsStandInTheNetwork", ":network-interface/*"): STANDING,
}
"""What AWS asks for and the table does not say: an action, or the end of a resource, of a statement."""
UNGIVEN = {"teams": {"codecommit:DeleteRepository"}}
"""What a role shall not do: where the making of a repository is undone, a person takes it away, and no pipeline."""


def spec(**more: Any) -> LakeSpec:
    """A lake with every switch on that a deploy role can turn."""
    return LakeSpec.model_validate({"organisation": "o", "domain": "lake", **SWITCHES, **more})


def lake_stacks() -> list[Stack]:
    """Those of a lake whose team rail runs on EMR Serverless, and whose team aviation runs on Glue."""
    lake, artifacts = load_lake(ROOT), package.artifacts(ROOT, package.LAPTOP, ("glue", "emr-serverless"))
    assert lake.lake is not None
    usual = lake.pipelines["standard"]
    light, heavy = usual.spec.stages
    serverless = usual.spec.model_copy(
        update={"stages": (light, heavy.model_copy(update={"engine": "emr-serverless"}))}
    )
    datasets = {
        name: replace(one, spec=one.spec.model_copy(update={"pipeline": "serverless"})) if "rail." in name else one
        for name, one in lake.datasets.items()
    }
    pipelines = {"standard": usual, "serverless": replace(usual, spec=serverless)}
    switched = replace(lake, lake=replace(lake.lake, spec=spec()), pipelines=pipelines, datasets=datasets)
    return stacks_of(Blueprint(switched, "dev", package.LAPTOP, artifacts, compile_lake(ROOT, "dev")))


def pipeline_plan(**cicd: Any) -> Plan:
    functions = package.Artifact("functions/x.zip", ROOT / "lake.yaml")
    repository = "o/rail" if cicd else "rail-data"
    return plan_for(ROOT, spec(cicd=cicd), TEAMS, functions, package.LAPTOP, {"rail": repository})


def deployments() -> Iterator[tuple[str, str, str, StandingStacks, list[Stack]]]:
    """Each role, as it stands in one account, and the stacks that CloudFormation deploys as it."""
    plan, behind = pipeline_plan(), pipeline_plan(provider="GitHub", repository="o/lake")
    first = first_stacks(plan)
    bounds = StandingStacks(first).arn("lake-cicd-boundary", "Boundary")
    lake = [one for one in lake_stacks() if one.room != BY_AN_ADMINISTRATOR]
    own = list(owned_stacks(plan, bounds))
    home = StandingStacks([*first, *own, *lake])
    yield "deployer", "lake-cicd-deployer-dev-platform", "DeployRole", home, owned_by(lake, PLATFORM)
    for team in TEAMS:
        yield f"team-deployer {team}", f"lake-cicd-deployer-dev-{team}", "DeployRole", home, owned_by(lake, team)
    yield "teams", "lake-cicd-teams", "KeepRole", home, of_teams(own)
    connected = list(owned_stacks(behind, bounds, "1a2b"))
    yield "teams connected", "lake-cicd-teams", "KeepRole", StandingStacks([*first, *connected]), of_teams(connected)
    apart = list(stacks_apart(plan, "prod", bounds))
    yield "reach-teams", "lake-cicd-teams-prod", "KeepRole", StandingStacks([*first, *apart]), of_teams(apart)


def of_teams(stacks: Sequence[Stack]) -> list[Stack]:
    return [stack for stack in stacks if stack.owner in TEAMS]


def decisions_of(case: str, standing: StandingStacks, stacks: Sequence[Stack]) -> Iterator[dict[str, Any]]:
    """Every demand, as if it had been allowed, which shows what carries it, and denied, which shows what is lacking."""
    demands = {repr(one): one for stack in stacks for one in standing.demands(stack)}
    about = {"service": None, "type": "AssumedRole", "account": ACCOUNT, "region": REGION, "secure": True, "keys": {}}
    about |= {"resource_policy": None, "resource_owner": None, "resource_policy_required": False}
    who = {"role": case, "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{case}/AWSCloudFormation"}
    for one in demands.values():
        for allowed in (True, False):
            asked = {"action": one.action, "resource": one.resource, "context": one.context, "allowed": allowed}
            yield {**about, **who, **asked}


@pytest.fixture(scope="module")
def evidence() -> dict[str, Needed]:
    """What was needed of each role, by its template."""
    cases, decisions = {}, []
    for case, stack, role, standing, stacks in deployments():
        cases[case] = {"role": case, **standing.policies(stack, role)}
        decisions += list(decisions_of(case, standing, stacks))
    found = replayed(ROOT, decisions, cases).roles
    return {room: together([one for case, one in found.items() if case.split()[0] == room], TEAMS) for room, _ in ROLES}


def room_of(allow: Said) -> str:
    return Path(allow.template).stem


@pytest.mark.parametrize("allow", ALLOWS, ids=lambda allow: allow.name)
def test_every_action_and_resource_of_an_allow_is_asked_for(allow: Said, evidence: dict[str, Needed]) -> None:
    found = idle(allow, evidence[room_of(allow)])
    assert [part for part in found if not is_excused(UNASKED, allow.sid, part)] == [], (
        f"{allow.template}: nothing that {allow.owner} deploys asks for this of {allow.sid}. Remove it, or say in "
        "src/lakelocal/inside/provisioning_needs.py which type asks for it."
    )


@pytest.mark.parametrize(("sid", "part"), UNASKED, ids="-".join)
def test_what_is_excused_is_allowed_and_still_unasked(sid: str, part: str, evidence: dict[str, Needed]) -> None:
    seen = [one for allow in ALLOWS if allow.sid == sid for one in idle(allow, evidence[room_of(allow)])]
    assert any(is_excused({(sid, part)}, sid, one) for one in seen), f"{part} needs no excuse"


@pytest.mark.parametrize("room", [room for room, _ in ROLES])
def test_a_deploy_role_lacks_nothing_that_its_resources_ask_for(room: str, evidence: dict[str, Needed]) -> None:
    assert evidence[room].lacking == UNGIVEN.get(room, set())
