"""`lake local logs`: what a function, a job or a state machine has written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from lakectl import logs
from lakectl.failure import Failure
from lakectl.logs import Line, Log
from lakectl.option import Environment, Json, seconds_of
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.target import Target, target_for


def command(
    name: Annotated[
        str, typer.Argument(help="<team>/<what> or its end, for instance stage-a; none lists all.", show_default=False)
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until interrupted.")] = False,
    since: Annotated[str, typer.Option(help="How far back, for instance '5 minutes'.")] = "1 hour",
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """What a function, a job or a state machine has written: lake local logs stage-a --since "5 minutes"."""
    start = _start(since)
    if follow and as_json:
        raise typer.BadParameter("it never ends, and --json prints one document at the end.", param_hint="--follow")
    if follow and not name:
        raise typer.BadParameter("it follows one log: give its name. `lake local logs` lists them.", param_hint="NAME")
    target = target_for(find_root(), environment)
    known = logs.logs_of(target)
    if not name:
        _list(target, known, as_json)
        return
    log = logs.find(name, known, target.environment)
    if not target.local:
        raise Failure(f"{target.environment} is on AWS: aws logs tail {log.group} --region {target.region} --follow")
    if follow:
        logs.follow(target, log, start, _tell)
        return
    _show(target, log, list(logs.lines(target, log, start)), since, as_json)


def _start(since: str) -> datetime:
    """That long ago. Raises BadParameter for what is none, or was before there were years."""
    seconds = seconds_of("--since", since)
    try:
        return datetime.now(UTC) - timedelta(seconds=seconds)
    except OverflowError as error:
        raise typer.BadParameter(f"'{since}' is too long. Write it like '7 days'.", param_hint="--since") from error


def _list(target: Target, known: Sequence[Log], as_json: bool) -> None:
    rows = [{"name": log.name, "last line": logs.last_line(target, log), "group": log.group} for log in known]
    if as_json:
        show_json(rows)
        return
    told = [row | {"last line": f"{row['last line']:%Y-%m-%d %H:%M:%S}" if row["last line"] else ""} for row in rows]
    show_table(told, empty="Nothing is deployed: lake deploy")


def _show(target: Target, log: Log, found: Sequence[Line], since: str, as_json: bool) -> None:
    if as_json:
        show_json([{"at": line.at.isoformat(), "text": line.text} for line in found])
        return
    for line in found:
        _tell(line)
    if not found:
        last = logs.last_line(target, log)
        when = f"its last line is of {last:%Y-%m-%d %H:%M:%S} UTC" if last else "nothing was ever written to it"
        screen.print(f"{log.name}: nothing since {since} ago; {when}.")


def _tell(line: Line) -> None:
    screen.print(f"[dim]{line.at:%H:%M:%S}[/dim] {plain(line.text)}", soft_wrap=True)
