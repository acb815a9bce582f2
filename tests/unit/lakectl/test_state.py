"""A state by itself is the deployed one, and whatever it goes to only ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakectl.failure import Failure
from lakectl.state import BEGIN, alone, next_states

MACHINE = json.loads((Path(__file__).parents[3] / "pipelines/stage-b.asl.json").read_text())


@pytest.mark.parametrize("name", MACHINE["States"])
def test_a_state_by_itself_is_as_it_was(name: str) -> None:
    made = alone(MACHINE, name, {})
    assert made["States"][name] == MACHINE["States"][name]
    assert made["QueryLanguage"] == "JSONata"


def test_whatever_it_goes_to_is_there_and_only_ends() -> None:
    made = alone(MACHINE, "Heavy run", {})
    assert next_states(MACHINE["States"]["Heavy run"]) == ["Record run", "Record failed run"]
    assert made["States"]["Record run"] == {"Type": "Succeed"}


def test_its_variables_are_assigned_before_it() -> None:
    made = alone(MACHINE, "Work to do?", {"plan": {"work": True}})
    assert made["States"][made["StartAt"]]["Assign"] == {"plan": {"work": True}}
    assert made["StartAt"] == BEGIN


def test_a_misspelt_state_gets_the_nearest_one() -> None:
    with pytest.raises(Failure, match="Did you mean 'Plan run'"):
        alone(MACHINE, "Plan runn", {})
