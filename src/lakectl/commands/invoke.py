"""`lake invoke`: call one function with a real event, here and now."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from lakectl import debugger
from lakectl.commands import sam as prepare
from lakectl.failure import Failure
from lakectl.functions import Deployed, Function, deployed, function_named
from lakectl.invocation import invoke
from lakectl.root import find_root
from lakectl.screen import errors, show_json, show_table
from lakectl.target import Target, target_for
from lakelocal import cloud, sam

Name = Annotated[str, typer.Argument(help="Route, Register, StageA, Gather, PlanRun or RecordRun.", show_default=False)]


def command(
    name: Name,
    about: Annotated[str, typer.Argument(help="The object (s3://… or its key); for Gather also the dataset.")] = "",
    event: Annotated[Path | None, typer.Option(help="A file with the event, instead of an object.")] = None,
    replay: Annotated[str, typer.Option(help="For StageA: stage this batch again, as its next generation.")] = "",
    print_event: Annotated[bool, typer.Option(help="Print the event, call nothing.")] = False,
    by_sam: Annotated[bool, typer.Option("--sam", help="Through SAM CLI, from the package of `sam build`.")] = False,
    debug: Annotated[bool, typer.Option(help="Wait for a debugger before the call.")] = False,
    debug_port: debugger.Port = debugger.PORT,
    team: prepare.Team = None,
) -> None:
    """Call a function on this laptop with the rights of its own role: the event, the result, the calls to AWS."""
    root = find_root()
    function, chosen = function_named(name), prepare.team_of(root, team)
    _check(function, about, event, replay)
    given = read_event(event) if event else None
    target = target_for(root, None)
    running = cloud.running(root)
    if not target.local or running is None:
        raise Failure("`lake invoke` calls functions of the local cloud. On AWS: aws lambda invoke.")
    there = deployed(target, function, chosen)
    made = given if event else _event(target, function, there, about, replay)
    if print_event:
        show_json(made)
        return
    if by_sam:
        raise typer.Exit(_through_sam(root, function, made, debug_port if debug else 0, team))
    if debug:
        debugger.wait(root, debug_port)
    outcome = invoke(running, there, made)
    show_json(outcome.result if outcome.error is None else outcome.error)
    show_table(outcome.calls, empty="no call to AWS", out=errors)
    errors.print(f"{function.name}: {outcome.seconds * 1000:.0f} ms, {outcome.memory} MB with this command")
    if outcome.error is not None:
        raise typer.Exit(1)


def _check(function: Function, about: str, file: Path | None, replay: str) -> None:
    """Raise Failure for an event from nowhere, or from more than one place, or that the function does not take."""
    if sum(map(bool, (about, file, replay))) != 1:
        raise Failure("Say what the call is about, once: an object or dataset, --event FILE, or --replay BATCH.")
    if replay and function.name != "StageA":
        raise Failure(
            f"A batch is staged again by StageA, not by {function.name}: lake invoke StageA --replay {replay}"
        )


def _event(target: Target, function: Function, there: Deployed, about: str, replay: str) -> Any:
    """Made for an object, a dataset or a batch, of what the ledger says. Raises Failure."""
    from lakectl.event import event_for, replayed
    from lakectl.opened import opened

    lake = opened(target)
    if replay:
        return replayed(target, lake, there, replay)
    return event_for(target, lake, function, there, about)


def read_event(file: Path) -> Any:
    """Raises Failure with the line and column of what is no JSON."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"The event {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file}: byte {error.start} is not UTF-8. Save it as UTF-8.") from error
    if not text.strip():
        raise Failure(f"The event {file} is empty. Write JSON into it, for instance {{}}.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Failure(f"{file}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}.") from error


def _through_sam(root: Path, function: Function, event: Any, port: int, team: str | None) -> int:
    engine = prepare.prepared(root, team)
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=root / ".lake") as file:
        json.dump(event, file)
        file.flush()
        command = [str(sam.environment_folder(root) / "bin/sam"), "local", "invoke", function.name, "-e", file.name]
        command += ["-d", str(port)] if port else []
        return subprocess.run(command, cwd=root, env=prepare.around(root, engine), check=False).returncode
