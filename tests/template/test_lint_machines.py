"""What can be counted of a state machine: the events of its history, the circles in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakectl.lint import execution, history, payload
from lakectl.lint.circle import circles
from lakectl.lint.project import Project, machine_of

DAY = 86_400


def told(states: dict[str, Any], start: str = "One", **more: Any) -> str:
    """What the rules about limits say of a machine with these states."""
    document = {"StartAt": start, "TimeoutSeconds": DAY, **more, "States": states}
    project = Project((), (machine_of("pipelines/m.asl.json", json.dumps(document)),))
    return "\n".join(str(one) for rule in (history, payload, execution) for one in rule.check(project))


def mapped(inner: dict[str, Any], mode: str = "INLINE", **more: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": mode}, "StartAt": "Inner", "States": {"Inner": inner}}
    return {"Type": "Map", "Output": "{% 1 %}", "ItemProcessor": processor, "End": True, **more}


def task(call: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "End": True, **more}


def test_a_circle_is_found_and_what_leads_to_it_is_not() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["b", "elsewhere"], "d": ["d"]}) == [{"b", "c"}, {"d"}]
    assert circles({"a": ["b"], "b": []}) == []


@pytest.mark.parametrize(("attempts", "refused"), [(6247, False), (6248, True)])
def test_attempts_are_counted_to_the_last_event(attempts: int, refused: bool) -> None:
    """The execution starts and ends, the state is entered and left, and each try writes four events."""
    found = told({"One": task("glue:startJobRun.sync", Retry=[{"ErrorEquals": ["x"], "MaxAttempts": attempts}])})
    assert ("may write 25,0" in found) is refused


@pytest.mark.parametrize(("seconds", "refused"), [(30, True), (60, False)])
def test_a_circle_comes_round_as_often_as_its_wait_fits_into_the_day(seconds: int, refused: bool) -> None:
    states = {
        "One": task("lambda:invoke", Next="Done?"),
        "Done?": {"Type": "Choice", "Choices": [{"Condition": "{% $done %}", "Next": "End"}], "Default": "Later"},
        "Later": {"Type": "Wait", "Seconds": seconds, "Next": "One"},
        "End": {"Type": "Succeed"},
    }
    assert ("may write" in told(states)) is refused
    assert "comes round again without end" in told({**states, "Later": {"Type": "Pass", "Next": "One"}})


def test_branches_add_up_and_ways_do_not() -> None:
    branch = {"StartAt": "Inner", "States": {"Inner": task("lambda:invoke", Retry=[{"MaxAttempts": 4999}])}}
    assert "may write 30," in told({"One": {"Type": "Parallel", "Branches": [branch, branch], "End": True}})
    ways = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Two"}], "Default": "Three"}
    inner = branch["States"]["Inner"]  # type: ignore[index]
    assert told({"One": ways, "Two": inner, "Three": inner}) == ""


def test_each_child_of_a_distributed_map_has_a_history_of_its_own() -> None:
    reader = {"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2"}}
    assert told({"One": mapped(task("lambda:invoke"), "DISTRIBUTED", **reader)}) == ""
    tireless = task("lambda:invoke", Retry=[{"MaxAttempts": 9000}])
    assert "Inner: may write 27,0" in told({"One": mapped(tireless, "DISTRIBUTED", **reader)})


def test_a_list_that_the_definition_holds_is_counted() -> None:
    assert told({"One": mapped(task("lambda:invoke"), Items=[1, 2, 3])}) == ""
    assert "may write" in told({"One": mapped(task("lambda:invoke"), Items=list(range(4000)))})


def test_a_page_with_a_limit_travels() -> None:
    assert "an answer of any size" in told({"One": task("aws-sdk:dynamodb:query", Arguments={})})
    assert told({"One": task("aws-sdk:dynamodb:query", Arguments={"Limit": 10})}) == ""


@pytest.mark.parametrize(
    "name",
    [
        "${Team}-again",
        "{% $states.context.Execution.Name %}",
        "{% $substring($states.input.batch & '-' & $string($states.input.generation), 0, 80) %}",
        "{% $substring($replace($states.context.Execution.Id, ':', '-'), 0, 80) %}",
    ],
)
def test_a_name_that_fits_is_taken(name: str) -> None:
    assert told({"One": task("states:startExecution", Arguments={"Name": name})}) == ""
