"""The stacks that a repository asks for, and the order in which they can be deployed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lakectl import package
from lakectl.compile import compile_lake
from lakectl.specs.lake import Alarms, Budget, LakeFormation
from lakectl.specs.load import load_lake
from lakectl.stacks import Blueprint, stacks_of

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
    assert runs.parameters["Engine"] == "emr-serverless"
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
