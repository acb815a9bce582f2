"""Which stacks a deployment takes away by itself: those of datasets that the repository has no more, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lakectl import package
from lakectl.compile import compile_lake
from lakectl.plan.make import removable
from lakectl.specs.load import load_lake
from lakectl.stack_status import Deployed
from lakectl.stacks import Blueprint, Stack, stacks_of

ROOT = Path(__file__).parents[3]


@dataclass
class Place:
    domain: str = "lake"
    environment: str = "dev"


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    artifacts = package.artifacts(ROOT, package.LAPTOP)
    return Blueprint(load_lake(ROOT), "dev", package.LAPTOP, artifacts, compile_lake(ROOT, "dev"))


def standing(stack: Stack) -> Deployed:
    return Deployed("UPDATE_COMPLETE", stack.digest, stack.room, dict(stack.parameters), dict(stack.tags))


def taken_away(blueprint: Blueprint, gone: str, *, of: str = "", **more: Deployed) -> list[str]:
    """What goes when these datasets are no more, while all stacks, or those `of` one team, are deployed."""
    now = {stack.name: standing(stack) for stack in stacks_of(blueprint)} | more
    left = replace(blueprint, compiled=[one for one in blueprint.compiled if not one.name.startswith(gone)])
    stacks = [one for one in stacks_of(left) if not of or one.parameters.get("Team") == of]
    return removable(Place(), left, stacks, now)


def test_a_dataset_that_is_gone_goes(blueprint: Blueprint) -> None:
    assert taken_away(blueprint, "rail.departures") == ["lake-dev-dataset-rail-departures"]


def test_one_team_takes_away_nothing_of_another(blueprint: Blueprint) -> None:
    assert taken_away(blueprint, "rail.departures", of="aviation") == []
    assert taken_away(blueprint, "rail.departures", of="rail") == ["lake-dev-dataset-rail-departures"]


def test_a_team_that_deploys_alone_leaves_the_datasets_of_all_others(blueprint: Blueprint) -> None:
    assert taken_away(blueprint, "nothing", of="rail") == []


def test_a_repository_of_a_teams_own_is_none_of_the_platforms(blueprint: Blueprint) -> None:
    rail = blueprint.lake.teams["rail"]
    spec = rail.spec.model_copy(update={"repository": "rail-lake"})
    teams = {**blueprint.lake.teams, "rail": replace(rail, spec=spec)}
    apart = replace(blueprint, lake=replace(blueprint.lake, teams=teams))
    assert taken_away(apart, "rail.departures") == []
    assert taken_away(apart, "rail.departures", of="rail") == ["lake-dev-dataset-rail-departures"]


def test_a_team_that_is_gone_altogether_is_left_to_a_person(blueprint: Blueprint) -> None:
    lost = standing(next(one for one in stacks_of(blueprint) if one.room == "dataset"))
    of_nobody = replace(lost, parameters={**lost.parameters, "Team": "sea"})
    assert taken_away(blueprint, "nothing", **{"lake-dev-dataset-sea-ships": of_nobody}) == []


def test_another_environment_whose_name_begins_alike_is_none_of_ours(blueprint: Blueprint) -> None:
    one = standing(next(one for one in stacks_of(blueprint) if one.room == "dataset"))
    theirs = replace(one, tags={**one.tags, "lake:environment": "dev-2"})
    assert taken_away(blueprint, "nothing", **{"lake-dev-2-dataset-aviation-x": theirs}) == []
