"""Branches of pull requests: their names, what differs, what a question to one reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakectl.branch.deploy import different
from lakectl.branch.name import base_of, mark_of, number_in, number_of
from lakectl.compile import compile_lake
from lakectl.failure import Failure
from lakectl.question import question
from lakectl.smoke.double import double_of
from lakectl.specs.lake import LakeSpec
from lakectl.stack_status import Deployed
from lakectl.target import environment_of

ROOT = Path(__file__).resolve().parents[3]
HERE = {"account": "123456789012", "region": "eu-west-1"}


def lake(*environments: str, **cicd: object) -> LakeSpec:
    said = {"organisation": "o", "domain": "lake", "environments": dict.fromkeys(environments, HERE), "cicd": cicd}
    return LakeSpec.model_validate(said)


@pytest.mark.parametrize(
    ("name", "number"), [("pr-12", "12"), ("pr-0", None), ("pr-x", None), ("dev", None), (None, None), ("pr-12 ", None)]
)
def test_an_environment_that_is_a_branch_is_known_by_its_name(name: str | None, number: str | None) -> None:
    assert number_of(name) == number


def test_a_double_of_a_branch_is_told_from_one_of_a_verification() -> None:
    every = compile_lake(ROOT, "dev")
    assert number_in(double_of(every[0], mark_of("12")).dataset) == "12"
    assert number_in(double_of(every[0], "1a2b3c4d").dataset) is None
    assert number_in(every[0].dataset) is None


def test_branches_are_of_the_environment_that_a_commit_reaches_first() -> None:
    assert base_of(lake("dev", "prod")) == "dev"
    assert base_of(lake("dev", "prod", promote=["prod"])) == "prod"


def test_a_command_that_knows_no_branches_says_which_do() -> None:
    with pytest.raises(Failure, match=r"pr-12 is the branch of a pull request. lake deploy, query and destroy .* dev"):
        environment_of(lake("dev", "prod"), "pr-12")


def test_what_is_deployed_as_it_is_here_is_not_on_a_branch() -> None:
    every = compile_lake(ROOT, "dev")
    stacks = {
        one.name: Deployed("", "", "dataset", {"CompiledKey": one.artifact_key})
        for one in every
        if one.name != "rail.departures"
    }
    assert [one.name for one in different(every, stacks)] == ["rail.departures"]
    stacks["rail.departures"] = Deployed("", "", "dataset", {"CompiledKey": "datasets/rail/departures/older.json"})
    assert [one.name for one in different(every, stacks)] == ["rail.departures"]


def test_a_question_reads_what_the_branch_has_there_and_the_rest_as_it_is() -> None:
    sql = """select 'rail.departures', d.x -- rail.departures
        from rail . departures d join rail.departures_quarantine q join aviation.flights"""
    renamed = question(sql, ["rail", "aviation"], "lake", "dev").renamed({("rail", "departures"): "other"})
    assert renamed == sql.replace("rail . departures", "rail . other")
