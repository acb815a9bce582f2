"""`lake run`: publish now what waits."""

from __future__ import annotations

from typing import Annotated

import typer

from lakectl import runs
from lakectl.option import DatasetName, Environment, Json
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json
from lakectl.specs.load import split_name
from lakectl.target import target_for


def command(
    dataset: DatasetName,
    environment: Environment = None,
    wait: Annotated[bool, typer.Option(help="Follow the run to its end.")] = True,
    as_json: Json = False,
) -> None:
    """Start a run of a dataset now, instead of at its next turn, and follow it."""
    root = find_root()
    team, name = split_name(root, dataset)
    target = target_for(root, environment)
    started = runs.start(target, team, name)
    output: dict[str, object] = {"run": started.run, "reason": started.reason}
    if started.run and wait:
        if as_json:
            output |= runs.follow(target, started.execution)
        else:
            screen.print(f"{dataset}: run {started.run}")
            output |= runs.follow(target, started.execution, lambda state: screen.print(f"  {plain(state)}"))
    if as_json:
        show_json(output)
    elif started.run is None:
        screen.print(f"{dataset}: no run, {plain(started.reason)}.")
