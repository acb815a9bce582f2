"""In the stories a function reads objects up to 1 MB: what is larger goes another way and comes to the same table."""

from __future__ import annotations

from typing import Any

import pytest
from oracle import rows_of

from lakectl.demo.journey import Journey

pytestmark = pytest.mark.slow
WEATHER = "aviation/weather"
COLUMNS = "origin, humid, temp, wind_dir, pressure"


def test_only_what_is_beyond_a_function_went_to_the_larger_machine(lake: Any, journey: Journey) -> None:
    states = lake.target.client("stepfunctions")
    machine = lake.target.setting("stage-a-large", "aviation", "state-machine-arn")
    executions = states.list_executions(stateMachineArn=machine)["executions"]
    first = [one for one in executions if not one["name"].startswith("aviation-gates-")]
    assert [(one["name"][:17], one["status"]) for one in first] == [("aviation-weather-", "SUCCEEDED")]


def test_what_the_larger_machine_staged_is_in_the_table_as_if_a_function_had_read_it(
    lake: Any, truth: Any, journey: Journey
) -> None:
    query = f"select {COLUMNS} from {{}} order by origin, time_hour limit 500"
    found = lake.query(query.format("aviation.weather"))
    expected = rows_of(truth, query.format("weather"))
    assert [row["temp"] for row in found] == pytest.approx([row[2] for row in expected])
    assert [(row["origin"], row["humid"]) for row in found] == [(row[0], row[1]) for row in expected]


def test_the_log_of_the_larger_machine_says_what_it_staged(lake: Any, journey: Journey) -> None:
    target = lake.target
    group = f"/lake/{target.domain}/{target.environment}/aviation/stage-a-large/error"
    events = target.client("logs").filter_log_events(logGroupName=group)["events"]
    assert any('"batch staged"' in event["message"] and WEATHER in event["message"] for event in events)
