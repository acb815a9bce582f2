"""`lake run-state`: run one state of a state machine by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lakectl import state
from lakectl.commands.invoke import read_event
from lakectl.commands.sam import Team, team_of
from lakectl.failure import Failure
from lakectl.option import Environment
from lakectl.root import find_root
from lakectl.screen import errors, show_json
from lakectl.specs.name import nearest
from lakectl.target import target_for

MACHINES = {"stage-b": ("stage-b", "state-machine-arn")}


def command(
    machine: Annotated[str, typer.Argument(help="stage-b", show_default=False)],
    name: Annotated[str, typer.Argument(help="The state, for instance 'Plan run'.", show_default=False)],
    event: Annotated[Path, typer.Option("--event", help="A file with the state's input.", show_default=False)],
    variables: Annotated[Path | None, typer.Option(help="A file with the variables assigned before it.")] = None,
    team: Team = None,
    environment: Environment = None,
) -> None:
    """Run one state as the machine's role: its output, and the state that would come next."""
    root = find_root()
    if machine not in MACHINES:
        raise Failure(f"There is no state machine '{machine}'. {nearest(machine, MACHINES)}")
    given, assigned, chosen = read_event(event), _object(variables), team_of(root, team)
    target = target_for(root, environment)
    room, thing = MACHINES[machine]
    ended = state.run(target, target.setting(room, chosen, thing), name, given, assigned)
    show_json(ended.output if ended.output is not None else {"error": ended.error, "cause": ended.cause})
    errors.print(f"{name}: {ended.status} after {ended.seconds:.1f} s; next: {ended.next or 'nothing'}")
    if ended.status != "SUCCEEDED":
        raise typer.Exit(1)


def _object(file: Path | None) -> dict[str, Any]:
    found = read_event(file) if file else {}
    if not isinstance(found, dict):
        raise Failure(f"{file} holds {json.dumps(found)[:40]}; variables are a JSON object, name to value.")
    return found
