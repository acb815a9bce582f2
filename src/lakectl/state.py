"""One state of a state machine by itself: the deployed state, between a start and an end of ours, run for real.

Step Functions' own TestState takes no task that waits for a job, and no variables on the local cloud; a machine of
that one state takes whatever the whole one takes, and acts as the same role.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakectl.failure import Failure
from lakectl.pause import Pause
from lakectl.specs.name import nearest
from lakectl.target import Target

BEGIN = "Begin the test"
TARGETS = ("Next", "Default")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a state ended: its status, the state that would come next ("" for none), its output, or its error."""

    status: str
    next: str
    output: Any
    error: str
    cause: str
    seconds: float


def alone(definition: Mapping[str, Any], state: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The machine of one state: what it can go to only ends. Raises Failure for a state that is not there."""
    states = definition["States"]
    if state not in states:
        raise Failure(f"The state machine has no state '{state}'. {nearest(state, states)}")
    begin = {"Type": "Pass", "Next": state} | ({"Assign": dict(variables)} if variables else {})
    ends = {name: {"Type": "Succeed"} for name in next_states(states[state])}
    language = {"QueryLanguage": definition["QueryLanguage"]} if "QueryLanguage" in definition else {}
    return {**language, "StartAt": BEGIN, "States": {BEGIN: begin, **ends, state: states[state]}}


def next_states(state: Mapping[str, Any]) -> list[str]:
    """Every state that this one can go to, also by an error or a choice."""
    branches = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return list(dict.fromkeys(branch[name] for branch in branches for name in TARGETS if name in branch))


def run(target: Target, machine: str, state: str, given: Any, variables: Mapping[str, Any]) -> Ended:
    """Run one state of a deployed machine with this input; the machine that was made for it is gone afterwards."""
    client = target.client("stepfunctions")
    found = client.describe_state_machine(stateMachineArn=machine)
    definition = alone(json.loads(found["definition"]), state, variables)
    made = client.create_state_machine(
        name=f"{found['name'][:60]}-{uuid.uuid4().hex[:8]}",
        definition=json.dumps(definition),
        roleArn=found["roleArn"],
    )["stateMachineArn"]
    try:
        began, pause = time.monotonic(), Pause(target)
        execution = client.start_execution(stateMachineArn=made, input=json.dumps(given))["executionArn"]
        while (ended := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            pause.sleep()
        seconds = time.monotonic() - began
        entered = [name for name in _entered(client, execution) if name not in (BEGIN, state)]
    finally:
        client.delete_state_machine(stateMachineArn=made)
    output = json.loads(ended["output"]) if "output" in ended else None
    following = entered[0] if entered else ""
    return Ended(ended["status"], following, output, ended.get("error", ""), ended.get("cause", ""), seconds)


def _entered(client: Any, execution: str) -> list[str]:
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution)
    events = (event for page in pages for event in page["events"])
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
