"""What `lake bootstrap` would make, and what it refuses before it makes anything."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lakectl.cicd.reach import build_role, reached_role
from lakectl.cicd.remote import REMOTE, add_remote
from lakectl.cicd.stacks import RELEASE, Plan, bootstrap_stack, first_stacks, owned_stacks, plan_for, stacks_apart
from lakectl.commands.bootstrap import as_commands
from lakectl.failure import Failure
from lakectl.lint.project import read_project
from lakectl.owner import owned_by
from lakectl.package import LAPTOP, Artifact
from lakectl.specs.lake import LakeSpec
from lakectl.stacks import Stack
from lakectl.target import Target

ROOT = Path(__file__).resolve().parents[3]
FUNCTIONS = Artifact("functions/x.zip", ROOT / "lake.yaml")
HERE, ELSEWHERE = {"account": "123456789012", "region": "eu-west-1"}, {"account": "210987654321", "region": "eu-west-1"}
AFAR = {**HERE, "region": "us-east-1"}
ONLY_AT_HOME = (
    "CodeBuildMayAskForPipelines",
    "VerificationMayAskWhichPullRequestsAreClosed",
    "TeamsMayBuildOnARelease",
)
"""What builds may with repositories and pipelines, which are in the deployment account alone."""


def planned(
    environments: dict[str, Any],
    teams: tuple[str, ...] = ("rail",),
    repositories: dict[str, str] | None = None,
    **cicd: Any,
) -> Plan:
    said = {"organisation": "o", "domain": "lake", "environments": environments, "cicd": cicd}
    return plan_for(ROOT, LakeSpec.model_validate(said), teams, FUNCTIONS, LAPTOP, repositories)


def test_every_owner_has_a_deploy_role_in_each_environment_builds_and_a_pipeline() -> None:
    plan = planned({"dev": HERE, "prod": HERE}, ("sea_food",))
    names = [stack.name for stack in owned_stacks(plan, "arn:boundary")]
    owned = ["deployer-dev", "deployer-prod", "builds", "verify", "pipeline"]
    wanted = [f"lake-cicd-{room}-{owner}" for owner in ("platform", "sea-food") for room in owned]
    assert names == ["lake-cicd-teams", *wanted, "lake-cicd-pull-requests", "lake-cicd-push"]
    assert [stack.name for stack in first_stacks(plan)] == ["lake-cicd-bootstrap", "lake-cicd-boundary"]
    assert bootstrap_stack(plan).name == "lake-cicd-bootstrap"


def test_deploy_roles_know_whether_their_environment_has_a_network() -> None:
    prod = {**HERE, "network": {"cidr": "10.20.0.0/20"}}
    stacks = {stack.name: stack for stack in owned_stacks(planned({"dev": HERE, "prod": prod}), "arn:boundary")}
    for owner in ("platform", "rail"):
        assert stacks[f"lake-cicd-deployer-dev-{owner}"].parameters["Network"] == ""
        assert stacks[f"lake-cicd-deployer-prod-{owner}"].parameters["Network"] == "10.20.0.0/20"


def test_a_network_takes_no_environment_away_from_the_pipelines_and_goes_along_where_it_is_apart() -> None:
    network = {"network": {"cidr": "10.20.0.0/20"}}
    plan = planned({"dev": {**HERE, **network}, "prod": {**ELSEWHERE, "network": {"cidr": "10.21.0.0/20"}}})
    assert (plan.here, plan.apart) == (("dev",), ("prod",))
    there = {stack.name: stack for stack in stacks_apart(plan, "prod", "arn:boundary")}
    for owner in ("platform", "rail"):
        assert there[f"lake-cicd-deployer-prod-{owner}"].parameters["Network"] == "10.21.0.0/20"


def test_pull_requests_are_not_checked_where_the_first_environment_is_apart() -> None:
    behind = {"provider": "GitHub", "repository": "acme/lake"}
    for said in ({}, behind):
        plan = planned({"dev": ELSEWHERE, "prod": HERE}, account=HERE["account"], **said)
        names = [stack.name for stack in owned_stacks(plan, "arn:boundary", "1a2b" if said else "")]
        assert not [name for name in names if "pull-requests" in name]
        assert ("lake-cicd-push" in names) is not bool(said)


def test_a_team_with_a_repository_of_its_own_has_roles_where_an_environment_is_apart() -> None:
    plan = planned({"dev": HERE, "prod": ELSEWHERE}, ("rail",), {"rail": "rail-data"})
    assert "lake-cicd-source-rail" in [stack.name for stack in owned_stacks(plan, "arn:boundary")]
    there = [stack.name for stack in stacks_apart(plan, "prod", "arn:boundary")]
    assert {"lake-cicd-deployer-prod-rail", "lake-cicd-reach-prod-rail"} <= set(there)


@pytest.mark.parametrize(
    ("said", "targets"),
    [
        ({}, "check scan"),
        ({"check": "quick"}, "quick"),
        ({"also": []}, "check"),
        ({"check": "quick", "also": ["scan", "audit"]}, "quick scan audit"),
    ],
)
def test_a_commit_of_the_platform_passes_what_lake_yaml_says_and_one_of_a_team_its_datasets(
    said: dict[str, Any], targets: str
) -> None:
    stacks = {one.name: one for one in owned_stacks(planned({"dev": HERE}, **said), "arn:boundary")}
    asked = {name: one.parameters["Check"] for name, one in stacks.items() if "Check" in one.parameters}
    assert asked == {
        "lake-cicd-builds-platform": targets,
        "lake-cicd-builds-rail": "datasets",
        "lake-cicd-pull-requests": targets,
    }


def test_pull_requests_of_a_connection_have_a_pipeline_and_those_of_codecommit_a_rule() -> None:
    behind = {"provider": "GitHub", "repository": "acme/lake", "connection": "1a2b", "token": "/lake/token"}
    stacks = {
        one.name: one for one in owned_stacks(planned({"dev": HERE, "prod": HERE}, **behind), "arn:boundary", "1a2b")
    }
    assert "lake-cicd-push" not in stacks
    pipeline, check = stacks["lake-cicd-pull-requests-pipeline"], stacks["lake-cicd-pull-requests"]
    assert pipeline.needs == (check.name,)
    given = {name: check.parameters[name] for name in ("First", "Check", "Token", "ConnectionId")}
    assert given == {"First": "dev", "Check": "check scan", "Token": "/lake/token", "ConnectionId": "1a2b"}


def test_an_environment_apart_has_deploy_roles_and_what_builds_reach_it_by_in_its_own_account() -> None:
    plan = planned({"dev": HERE, "prod": ELSEWHERE}, ("sea_food",))
    here = [stack.name for stack in owned_stacks(plan, "arn:boundary")]
    assert not [name for name in here if "prod" in name]
    there = {stack.name: stack for stack in stacks_apart(plan, "prod", "arn:boundary")}
    wanted = [f"lake-cicd-{room}-prod-{owner}" for owner in ("platform", "sea-food") for room in ("deployer", "reach")]
    assert list(there) == ["lake-cicd-teams-prod", *wanted]
    assert {one.parameters.get("BuildAccount") for one in there.values()} == {HERE["account"], None}


def test_a_build_may_become_its_own_role_of_each_environment_apart_and_no_other() -> None:
    plan = planned({"dev": HERE, "test": ELSEWHERE, "prod": AFAR})
    found = {stack.name: stack.parameters.get("Reached") for stack in owned_stacks(plan, "arn:boundary")}
    there = "arn:aws:iam::210987654321:role/lake-cicd-test", "arn:aws:iam::123456789012:role/lake-cicd-prod"
    for stack, end in (
        ("builds-platform", "deploy-platform"),
        ("builds-rail", "deploy-rail"),
        ("verify-rail", "verify-rail"),
        ("teams", "teams-platform"),
    ):
        assert found[f"lake-cicd-{stack}"] == ",".join(f"{role}-{end}" for role in there)
    alone = {stack.name: stack.parameters.get("Reached") for stack in owned_stacks(planned({"dev": HERE}), "b")}
    assert alone["lake-cicd-builds-rail"] == ""


def test_pipelines_are_where_lake_yaml_says_or_in_the_place_of_the_first_environment() -> None:
    assert planned({"dev": ELSEWHERE, "prod": HERE}).apart == ("prod",)
    plan = planned({"dev": ELSEWHERE, "prod": HERE}, account=HERE["account"])
    assert (plan.here, plan.apart) == (("prod",), ("dev",))
    assert build_role(plan.spec, "deploy", "rail") == "arn:aws:iam::123456789012:role/lake-cicd-deploy-rail"
    assert reached_role(plan.spec, "verify", "dev", "rail").startswith("arn:aws:iam::210987654321:role/lake-cicd-dev")
    assert planned({"dev": HERE}, region="us-east-1").apart == ("dev",)


def test_the_roles_that_builds_reach_may_what_the_builds_may_at_home() -> None:
    """Beside artifacts and logs of the builds, which stay in the deployment account."""
    rooms = {one.path.rpartition("/")[2]: one for one in read_project(ROOT).below("templates/cicd/").templates}

    def permits(room: str, role: str) -> dict[str, list[str]]:
        found = {one.sid: one.actions for one in rooms[room].statements if one.resource.name == role}
        here = ("Artifact", "Artifacts", "MayLog", "Elsewhere", "MayRunTheDeployment", "MayRunTheVerification", "That")
        return {sid: actions for sid, actions in found.items() if not sid.endswith(here) and not sid.startswith("That")}

    for room, role in (("builds.yaml", "DeployRole"), ("verify.yaml", "VerifyRole"), ("teams.yaml", "TeamsRole")):
        reached = "reach-teams.yaml" if room == "teams.yaml" else "reach.yaml"
        expected, found = permits(room, role), permits(reached, role)
        for at_home in ONLY_AT_HOME:
            expected.pop(at_home, None)
        assert len(expected) > 4
        assert found == expected


def test_the_pipeline_of_pull_requests_may_no_more_than_others() -> None:
    rooms = {one.path.rpartition("/")[2]: one for one in read_project(ROOT).below("templates/cicd/").templates}
    every, those = (
        {action for one in rooms[room].statements for action in one.actions}
        for room in ("pipeline.yaml", "pull-requests-pipeline.yaml")
    )
    assert those < every


def test_what_a_stack_needs_is_among_the_stacks() -> None:
    stacks = list(owned_stacks(planned({"dev": HERE, "prod": HERE}), "arn:boundary"))
    names = {stack.name for stack in stacks}
    assert all(set(stack.needs) <= names for stack in stacks)
    (pipeline,) = [stack for stack in stacks if stack.name == "lake-cicd-pipeline-rail"]
    assert pipeline.needs == ("lake-cicd-builds-rail", "lake-cicd-verify-rail")


def test_environments_are_stages_in_the_order_of_lake_yaml_or_as_told() -> None:
    def stages(plan: Plan) -> list[str]:
        (pipeline,) = [one for one in owned_stacks(plan, "b") if one.name == "lake-cicd-pipeline-platform"]
        return [pipeline.parameters[name] for name in ("First", "Second", "Third")]

    assert stages(planned({"dev": HERE, "prod": HERE})) == ["dev", "prod", ""]
    assert stages(planned({"dev": HERE, "prod": HERE}, promote=["prod"])) == ["prod", "", ""]


@pytest.mark.parametrize(
    ("environments", "cicd", "said"),
    [
        ({"dev": HERE}, {"promote": ["test"]}, "promotes to test"),
        ({"cicd": HERE}, {}, "'cicd' is no name for an environment"),
        (dict.fromkeys(("a", "b", "c", "d"), HERE), {}, "at most three environments"),
        ({"dev": HERE, "production0": ELSEWHERE}, {"teams": (36 * "x",)}, "would have 65 characters"),
        ({"dev": HERE, "prod": {**HERE, "region": "cn-north-1"}}, {}, "another partition of AWS"),
        ({"dev": HERE}, {"provider": "GitHub"}, "owner/name for GitHub"),
    ],
)
def test_what_the_pipelines_cannot_do_is_refused(environments: Any, cicd: Any, said: str) -> None:
    with pytest.raises(Failure, match=said):
        planned(environments, **cicd)


@pytest.mark.parametrize(
    ("repository", "cicd", "said"),
    [
        ("o/rail", {}, "team/rail.yaml, repository: write a name without a slash"),
        ("rail", {"provider": "GitHub", "repository": "o/lake"}, "repository: write owner/name for GitHub"),
        ("lake", {}, "lake is the platform's"),
    ],
)
def test_a_repository_that_cannot_be_a_teams_is_refused(repository: str, cicd: Any, said: str) -> None:
    with pytest.raises(Failure, match=said):
        planned({"dev": HERE}, repositories={"rail": repository}, **cicd)


def test_a_team_with_a_repository_of_its_own_builds_on_the_release() -> None:
    def stacks(connection: str = "", **cicd: Any) -> dict[str, Stack]:
        return {one.name: one for one in owned_stacks(planned({"dev": HERE}, **cicd), "b", connection)}

    found = stacks(repositories={"rail": "rail-data"})
    pipeline = found["lake-cicd-pipeline-rail"]
    assert (pipeline.parameters["Repository"], pipeline.parameters["PlatformRelease"]) == ("rail-data", RELEASE)
    assert "lake-cicd-source-rail" in pipeline.needs
    assert found["lake-cicd-pipeline-platform"].parameters.get("PlatformRelease", "") == ""
    behind = stacks("id", repositories={"rail": "o/rail"}, provider="GitHub", repository="o/lake")
    assert {"lake-cicd-source-rail", "lake-cicd-push"} & set(behind) == set()
    assert behind["lake-cicd-pipeline-rail"].parameters["ConnectionId"] == "id"


def test_printed_commands_stop_for_a_person_who_confirms_the_connection() -> None:
    place = SimpleNamespace(root=ROOT, domain="lake", environment="cicd", region="eu-west-1")
    said = list(as_commands(cast(Target, place), planned({"dev": HERE}, provider="GitHub", repository="o/lake")))
    (pause,) = [number for number, line in enumerate(said) if "a person confirms $CONNECTION" in line]
    pipelines = [number for number, line in enumerate(said) if "lake-cicd-pipeline" in line]
    assert pause < min(pipelines)
    assert all('"ConnectionId=${CONNECTION##*/}"' in said[number] for number in pipelines)
    assert not any("CONNECTION" in line for line in as_commands(cast(Target, place), planned({"dev": HERE})))


def stack(name: str, room: str, team: str = "", needs: tuple[str, ...] = ()) -> Stack:
    return Stack(name, room, team or "platform", ROOT / "lake.yaml", {"Team": team} if team else {}, needs)


def test_a_team_deploys_its_pipeline_and_datasets_and_needs_no_other() -> None:
    every = [
        stack("storage", "storage"),
        stack("team-rail", "team", "rail", ("storage",)),
        stack("stage-a-rail", "stage-a", "rail", ("team-rail",)),
        stack("dataset-rail-x", "dataset", "rail", ("stage-a-rail", "dataset-sea-y")),
        stack("dataset-sea-y", "dataset", "sea"),
    ]
    mine = {one.name: one.needs for one in owned_by(every, "rail")}
    assert mine == {"stage-a-rail": (), "dataset-rail-x": ("stage-a-rail",)}
    assert owned_by(every, "platform") == every
    assert owned_by(every, None) == every


def test_of_a_team_that_is_apart_the_platform_deploys_its_room_alone() -> None:
    room, stage = stack("team-rail", "team", "rail"), stack("stage-a-rail", "stage-a", "rail")
    assert owned_by([room, stage], "platform", {"rail"}) == [room]
    assert owned_by([room, stage], "rail", {"rail"}) == [stage]
    both = stack("dataset-rail-x", "dataset", "rail")
    both = replace(both, parameters={"Team": "rail", "Dataset": "x"})
    with pytest.raises(Failure, match=r"datasets/rail/x lies here"):
        owned_by([room, both], None, {"rail"})


def test_the_remote_is_added_once_and_signs_its_own_url_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for url in ("http://127.0.0.1:1/v1/repos/lake", "http://127.0.0.1:2/v1/repos/lake"):
        add_remote(tmp_path, url, "eu-west-1")

    def said(*words: str) -> str:
        return subprocess.run(["git", "-C", str(tmp_path), *words], capture_output=True, text=True, check=True).stdout

    assert said("remote", "get-url", REMOTE).strip() == "http://127.0.0.1:2/v1/repos/lake"
    helpers = said("config", "--get-urlmatch", "credential.helper", "http://127.0.0.1:2/v1/repos/lake")
    assert "lakectl.git_credential" in helpers
    with pytest.raises(Failure, match="no git repository"):
        add_remote(tmp_path / "nowhere", "http://127.0.0.1:1/v1/repos/lake", "eu-west-1")
