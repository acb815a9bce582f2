"""Every event of tests/events has the same outcome through SAM as on the local cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakectl.functions import FUNCTIONS, deployed, function_named

pytestmark = pytest.mark.slow
EVENTS = Path(__file__).parents[1] / "events"
NAMES = sorted(path.relative_to(EVENTS).as_posix() for path in EVENTS.rglob("*.json"))
CHANGES = ("requestId", "stackTrace")


@pytest.mark.parametrize("name", NAMES)
def test_an_event_has_the_same_outcome_through_sam_and_on_the_local_cloud(name: str, lake: Any, by_sam: Any) -> None:
    function = function_named(name.split("/")[0])
    payload = json.dumps(lake.event(name)).encode()
    there = deployed(lake.target, function, "aviation")
    expected = outcome(lake.target.client("lambda").invoke(FunctionName=there.name, Payload=payload))
    assert outcome(by_sam.invoke(FunctionName=function.name, Payload=payload)) == expected


def test_every_function_has_an_event() -> None:
    assert {function_named(name.split("/")[0]) for name in NAMES} == set(FUNCTIONS)


def test_as_the_readme_types_it(lake: Any) -> None:
    done = lake.sam("local", "invoke", "Route", "-e", "tests/events/route/one-object.json")
    assert json.loads(done.stdout) == {"batchItemFailures": []}


def outcome(answer: Any) -> Any:
    """What a function answered, without what no two calls have in common."""
    body = json.loads(answer["Payload"].read())
    failed = "FunctionError" in answer or (isinstance(body, dict) and "errorType" in body)
    facts = {key: value for key, value in body.items() if key not in CHANGES} if isinstance(body, dict) else body
    return failed, facts
