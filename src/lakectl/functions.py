"""The lake's functions by the names that people and SAM call them, and what each is as it is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lakectl.failure import Failure
from lakectl.specs.name import nearest
from lakectl.target import Target
from lakelocal import sam

OF_A_TEAM = "{team}"


@dataclass(frozen=True, slots=True)
class Function:
    """`template` and `resource`: where it is declared. `setting`: where its room writes down what to call."""

    name: str
    template: str
    resource: str
    setting: tuple[str, str, str]


PLATFORM = "platform"
FUNCTIONS = (
    Function("Route", "foundations/arrivals.yaml", "RouteFunction", ("arrivals", PLATFORM, "live-arn")),
    Function("Register", "foundations/registration.yaml", "RegisterFunction", ("registration", PLATFORM, "live-arn")),
    Function("StageA", "pipelines/stage-a.yaml", "StageAFunction", ("stage-a", OF_A_TEAM, "function")),
    Function("Gather", "pipelines/stage-b.yaml", "GatherFunction", ("stage-b", OF_A_TEAM, "gather-function")),
    Function("PlanRun", "pipelines/stage-b-runs.yaml", "PlanFunction", ("stage-b", OF_A_TEAM, "plan-function")),
    Function("RecordRun", "pipelines/stage-b-runs.yaml", "RecordFunction", ("stage-b", OF_A_TEAM, "record-function")),
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """The version of a function that is called. `timeout` in seconds, `memory` in MB."""

    name: str
    arn: str
    version: str
    handler: str
    role: str
    timeout: int
    memory: int
    variables: Mapping[str, str]


def function_named(name: str) -> Function:
    """By its name in any spelling: `StageA`, `stage-a`, `stage_a`. Raises Failure."""
    plain = {one.name.lower(): one for one in FUNCTIONS}
    wanted = name.replace("-", "").replace("_", "").lower()
    if wanted not in plain:
        raise Failure(f"The lake has no function '{name}'. {nearest(name, [one.name for one in FUNCTIONS])}")
    return plain[wanted]


def deployed(target: Target, function: Function, team: str) -> Deployed:
    """Raises Failure where its stack is not there yet."""
    room, owner, thing = function.setting
    arn = target.setting(room, owner.replace(OF_A_TEAM, team), thing)
    found = target.client("lambda").get_function_configuration(FunctionName=arn)
    return Deployed(
        name=found["FunctionName"],
        arn=found["FunctionArn"],
        version=found["Version"],
        handler=found["Handler"],
        role=found["Role"],
        timeout=found["Timeout"],
        memory=found["MemorySize"],
        variables=found["Environment"]["Variables"],
    )


def all_deployed(target: Target, team: str) -> dict[str, Deployed]:
    return {one.name: deployed(target, one, team) for one in FUNCTIONS}


def values(found: Mapping[str, Deployed]) -> dict[str, dict[str, str]]:
    """What `sam local … --env-vars` reads."""
    return {name: dict(one.variables) for name, one in found.items()}


def write_for_sam(root: Path, found: Mapping[str, Deployed]) -> Path:
    """Write down what SAM and its engine need to know of the deployed functions; the file for SAM."""
    path = sam.values_file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values(found), indent=2) + "\n")
    roles = {name: {"role": one.role} for name, one in found.items()}
    sam.functions_file(root).write_text(json.dumps(roles, indent=2) + "\n")
    return path
