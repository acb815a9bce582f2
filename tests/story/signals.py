"""What happens by itself on AWS and is made to happen here: a rule fires, alarms go off."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rooms import deployed

from lakectl.target import Target

TEAM = "aviation"
ARRIVALS, GATHER = "foundations/arrivals.yaml", "pipelines/stage-b.yaml"


def rules_run(target: Target, until: Callable[[Callable[[], Any], str], Any]) -> bool:
    """Whether the five-minute rules run route and gather: on an event of ours for once, for nobody waits here."""
    for template, function in ((ARRIVALS, "platform/route"), (GATHER, f"{TEAM}/gather")):
        events, rule = target.client("events"), deployed(target, template, "EveryFiveMinutes", TEAM)
        usual, before = events.describe_rule(Name=rule)["ScheduleExpression"], _runs(target, function)
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
        try:
            events.put_events(Entries=[{"Source": rule, "DetailType": "sweep", "Detail": "{}"}])
            until(lambda before=before, function=function: _runs(target, function) > before, f"no rule ran {function}")
        finally:
            events.put_rule(Name=rule, ScheduleExpression=usual)
    return True


def _runs(target: Target, function: str) -> int:
    group = f"/lake/{target.domain}/{target.environment}/{function}"
    pages = target.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return sum("REPORT RequestId" in event["message"] for page in pages for event in page["events"])


def set_off_alarms(target: Target) -> set[str]:
    """Set an alarm of the platform and one of the team off and on again; their names."""
    client = target.client("cloudwatch")
    names = {
        deployed(target, ARRIVALS, "ArrivalsDeadAlarm", TEAM),
        deployed(target, GATHER, "DeadAlarm", TEAM),
    }
    for state in ("ALARM", "OK"):
        for name in names:
            client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="tried by a story")
    return names
