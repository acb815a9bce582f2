"""template.yaml is a view of the rooms' functions: whatever it says of a function, its room says too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lakectl.functions import FUNCTIONS, Function
from lakectl.lint.document import read
from lakectl.lint.project import Resource, read_project

ROOT = Path(__file__).parents[2]
VIEW = read((ROOT / "template.yaml").read_text())
ROOMS = {
    template.path: template
    for template in read_project(ROOT).templates
    if not template.path.startswith("templates/cicd/")  # which deploys the rooms, and is none
}


def declared(function: Function) -> tuple[Resource, Mapping[str, Any]]:
    template = ROOMS[function.template]
    return template.resources[function.resource], template.parameters


def settled(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A value as it is where nobody says otherwise."""
    if isinstance(value, dict) and "Fn::Select" in value:
        number, chosen = value["Fn::Select"]
        return settled(chosen, parameters).split(",")[number]
    named = value.get("Ref") if isinstance(value, dict) else None
    return parameters[named]["Default"] if named else value


def test_the_view_shows_every_function_of_the_rooms_and_no_other() -> None:
    there = {
        (path, function.name) for path, room in ROOMS.items() for function in room.of_type("AWS::Lambda::Function")
    }
    assert {(one.template, one.resource) for one in FUNCTIONS} == there
    assert set(VIEW["Resources"]) == {one.name for one in FUNCTIONS}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_a_function_of_the_view_is_as_its_room_declares_it(function: Function) -> None:
    resource, parameters = declared(function)
    shown = VIEW["Resources"][function.name]["Properties"]
    for name in ("Handler", "MemorySize", "Timeout"):
        assert str(shown[name]) == str(settled(resource.properties[name], parameters)), name
    assert set(shown["Environment"]["Variables"]) == set(resource.properties["Environment"]["Variables"])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_the_view_runs_the_python_that_the_rooms_run(function: Function) -> None:
    _, parameters = declared(function)
    assert VIEW["Parameters"]["Runtime"]["Default"] == parameters["Runtime"]["Default"]
