"""SAM's other commands on the local cloud: the table of docs/debug.md is these cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakectl.functions import deployed, function_named

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[2] / "docs/debug.md"
ASKED = "tests/events/gather/asked.json"
CASES = {
    "sam validate --lint": "works",
    "sam remote invoke FUNCTION_ARN --event-file FILE": "works",
    "sam logs --cw-log-group GROUP": "works",
    "sam local generate-event": "works",
    "sam local start-lambda --warm-containers EAGER": "works",
    "sam local start-api": "refused: the lake has no API",
}


def test_the_page_has_these_cases() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `sam ")]
    assert rows == [f"| `{command}` | {outcome} |" for command, outcome in CASES.items()]


def test_the_view_is_valid(lake: Any) -> None:
    assert "valid SAM Template" in lake.sam("validate", "--lint").stdout


def test_a_deployed_function_is_invoked_and_its_log_is_read(lake: Any) -> None:
    there = deployed(lake.target, function_named("gather"), "aviation")
    done = lake.sam("remote", "invoke", there.arn, "--event-file", ASKED)
    assert json.loads(done.stdout)["reason"] == "nothing waits"
    found = lake.target.client("lambda").get_function_configuration(FunctionName=there.name)
    done = lake.sam("logs", "--cw-log-group", found["LoggingConfig"]["LogGroup"])
    assert "REPORT RequestId" in done.stdout


def test_an_event_of_ours_has_the_shape_that_sam_generates(lake: Any) -> None:
    generated = json.loads(lake.sam("local", "generate-event", "sqs", "receive-message").stdout)["Records"][0]
    ours = lake.event("route/one-object.json")["Records"][0]
    assert set(ours) == set(generated)
    assert set(ours["attributes"]) == set(generated["attributes"])


def test_an_api_that_is_not_there_is_refused(lake: Any) -> None:
    done = lake.sam("local", "start-api", "--port", "0", expect=None)
    assert done.returncode != 0
    assert "API" in done.stdout + done.stderr
