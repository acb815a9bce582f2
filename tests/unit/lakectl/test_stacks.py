"""The stacks that a repository asks for, and the order in which they can be deployed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lakectl import package
from lakectl.commands.destroy import ORDER
from lakectl.compile import compile_lake
from lakectl.specs.lake import Alarms, Budget, LakeFormation
from lakectl.specs.load import load_lake
from lakectl.specs.network import Network
from lakectl.stacks import Blueprint, Stack, stacks_of

ROOT = Path(__file__).parents[3]
ADMINISTRATOR = "arn:aws:iam::123456789012:role/administrator"


def _blueprint() -> Blueprint:
    artifacts = package.artifacts(ROOT, package.LAPTOP)
    return Blueprint(load_lake(ROOT), "dev", package.LAPTOP, artifacts, compile_lake(ROOT, "dev"))


def test_each_stack_needs_only_stacks_that_come_before_it() -> None:
    seen: set[str] = set()
    for stack in stacks_of(_blueprint()):
        assert seen.issuperset(stack.needs), stack.name
        seen.add(stack.name)


def test_a_derived_dataset_is_deployed_after_its_inputs() -> None:
    needs = {stack.name: stack.needs for stack in stacks_of(_blueprint())}
    assert "lake-dev-dataset-aviation-flights" in needs["lake-dev-dataset-aviation-daily-delays"]


def test_a_stack_changes_its_digest_with_a_parameter_and_only_then() -> None:
    first, second = stacks_of(_blueprint()), stacks_of(_blueprint())
    assert [one.digest for one in first] == [one.digest for one in second]
    other = Blueprint(load_lake(ROOT), "dev", package.LAMBDA, package.artifacts(ROOT, package.LAPTOP), [])
    changed = {one.name for one, two in zip(first, stacks_of(other), strict=False) if one.digest != two.digest}
    assert "lake-dev-arrivals" in changed
    assert "lake-dev-ledger" not in changed


def test_a_heavy_stage_on_emr_serverless_takes_the_place_of_the_glue_job() -> None:
    found = {stack.name: stack for stack in stacks_of(_on_emr_serverless("G.2X", 3))}
    job, runs = found["lake-dev-stage-b-job-rail"], found["lake-dev-stage-b-runs-rail"]
    assert job.template.name == "stage-b-emr.yaml"
    assert job.parameters["Worker"] == "8,28,4,150"
    assert job.parameters["Capacity"] == "240,960,4500"  # ten runs of three workers
    assert runs.parameters["Job"].startswith("emr-serverless,")
    assert "stage-b-emr" in runs.parameters["StatesCode"]


def test_the_state_machine_learns_when_what_the_job_ships_has_changed() -> None:
    """Its stack reads what the job's stack wrote down, and CloudFormation asks again only where something changed."""
    before = _on_emr_serverless("G.1X", 10)
    another = package.Artifact("jobs/job-another.py", before.artifacts["job"].path)
    after = replace(before, artifacts={**before.artifacts, "job": another})
    first, second = ({one.name: one for one in stacks_of(each)} for each in (before, after))
    changed = {name for name, stack in first.items() if stack.digest != second[name].digest}
    assert {"lake-dev-stage-b-job-rail", "lake-dev-stage-b-runs-rail"} <= changed


def _on_emr_serverless(worker: str, most: int) -> Blueprint:
    plain = _blueprint()
    (usual,) = plain.lake.pipelines.values()
    light, heavy = usual.spec.stages
    asked = {"engine": "emr-serverless", "worker": worker, "workers": 2, "most_workers": most}
    spec = usual.spec.model_copy(update={"stages": (light, heavy.model_copy(update=asked))})
    lake = replace(plain.lake, pipelines={"standard": replace(usual, spec=spec)})
    artifacts = package.artifacts(ROOT, package.LAPTOP, {"emr-serverless"})
    return replace(plain, lake=lake, artifacts=artifacts)


def test_a_room_stands_where_it_is_switched_on() -> None:
    plain = _blueprint()
    assert plain.lake.lake is not None
    switches = {
        "dashboards": True,
        "audit": True,
        "budget": Budget(dollars=100, email="someone@example.com"),
        "lake_formation": LakeFormation(administrators=[ADMINISTRATOR]),
        "alarms": Alarms(email="someone@example.com"),
    }
    spec = plain.lake.spec.model_copy(update=switches)
    lake = replace(plain.lake, lake=replace(plain.lake.lake, spec=spec))
    stacks = {stack.name: stack for stack in stacks_of(replace(plain, lake=lake))}
    added = set(stacks) - {stack.name for stack in stacks_of(plain)}
    teams = {f"lake-dev-{room}-{team}" for team in plain.lake.teams for room in ("dashboard", "lake-formation")}
    assert added == {"lake-dev-dashboard", "lake-dev-audit", "lake-dev-budget", "lake-dev-lake-formation", *teams}
    assert "lake-dev-lake-formation" in stacks["lake-dev-lake-formation-aviation"].needs
    assert stacks["lake-dev-lake-formation"].parameters["Administrator"] == ADMINISTRATOR
    assert stacks["lake-dev-budget"].parameters["BudgetDollars"] == "100"
    assert stacks["lake-dev-storage"].parameters["AlarmsEmail"] == "someone@example.com"


def _in(network: Network) -> dict[str, Stack]:
    """The stacks of an environment that has this network."""
    plain = _blueprint()
    assert plain.lake.lake is not None
    environments = {"dev": plain.lake.spec.environments["dev"].model_copy(update={"network": network})}
    spec = plain.lake.spec.model_copy(update={"environments": environments})
    lake = replace(plain.lake, lake=replace(plain.lake.lake, spec=spec))
    return {stack.name: stack for stack in stacks_of(replace(plain, lake=lake))}


def test_a_network_is_made_before_what_stands_in_it() -> None:
    stacks, seen = _in(Network(cidr="10.20.0.0/20")), set()
    for stack in stacks.values():
        assert seen.issuperset(stack.needs), stack.name
        seen.add(stack.name)
    assert set(stacks) - {stack.name for stack in stacks_of(_blueprint())} == {
        "lake-dev-network",
        "lake-dev-interfaces",
    }
    made = stacks["lake-dev-network"]
    assert (made.parameters["Cidr"], made.parameters["Halves"]) == ("10.20.0.0/20", "10.20.0.0/21,10.20.8.0/21")
    assert "lake-dev-interfaces" in stacks["lake-dev-arrivals"].needs
    for room in ("arrivals", "registration", "stage-a-rail", "stage-b-rail", "stage-b-runs-rail", "stage-b-job-rail"):
        assert stacks[f"lake-dev-{room}"].parameters["Network"] == "10.20.0.0/20", room


def test_a_network_that_is_there_is_named_to_the_rooms() -> None:
    zones = {"eu-west-1b": "subnet-0000000b", "eu-west-1a": "subnet-0000000a"}
    stacks = _in(Network(vpc="vpc-00000001", subnets=zones))
    given = stacks["lake-dev-network"]
    assert given.template.name == "given-network.yaml"
    assert given.parameters["FirstSubnet"] == "subnet-0000000a"
    assert given.parameters["Zones"] == "eu-west-1a,eu-west-1b"
    wanted = "vpc-00000001,eu-west-1a=subnet-0000000a,eu-west-1b=subnet-0000000b"
    assert stacks["lake-dev-stage-a-rail"].parameters["Network"] == wanted


def test_what_stands_in_a_network_is_taken_away_before_it() -> None:
    stacks = _in(Network(cidr="10.20.0.0/20"))
    for stack in stacks.values():
        for need in stack.needs:
            assert ORDER.index(stack.room) <= ORDER.index(stacks[need].room), (stack.name, need)
