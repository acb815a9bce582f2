"""`lake doctor`: whether machine, installation, local cloud and account are as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lakectl.doctor import account, install, local, machine, reach
from lakectl.doctor.check import Check
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.specs.load import load_lake, load_settings
from lakectl.target import aimed, environment_of
from lakelocal import cloud

COLOURS = {"ok": "green", "note": "yellow", "mend": "red"}


def command(
    environment: Environment = None,
    fidelity: Annotated[
        bool, typer.Option("--fidelity", help="Only what the local cloud runs, remembers, or refuses.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look at machine, installation, local cloud and account; exit 1 where something must be mended."""
    if fidelity:
        _show_fidelity(as_json)
        return
    checks = list(look(find_root(), environment))
    bad = [one for one in checks if one.state == "mend"]
    if as_json:
        show_json({"good": not bad, "checks": [asdict(one) for one in checks]})
    else:
        _show(checks)
    if bad:
        raise typer.Exit(1)


def look(root: Path, environment: str | None) -> Iterator[Check]:
    """Everything about the machine, then about where the environment runs."""
    lake = load_settings(root)
    name = environment_of(lake, environment)
    yield from machine.look(root)
    yield from install.look(root)
    if lake.environments[name].account in cloud.ACCOUNTS:
        yield from local.look(root)
        if cloud.running(root) is None:
            return
    target, whole = aimed(root, name), load_lake(root)
    yield from account.look(target, whole)
    yield from reach.look(target, whole)


def _show(checks: list[Check]) -> None:
    for topic in dict.fromkeys(one.topic for one in checks):
        screen.print(f"[bold]{topic}[/bold]")
        for one in [check for check in checks if check.topic == topic]:
            colour = COLOURS[one.state]
            screen.print(f"  [{colour}]{one.state:4}[/{colour}] {one.name}: {plain(one.found)}", soft_wrap=True)
            if one.fix:
                screen.print(f"       [dim]→[/dim] {plain(one.fix)}", soft_wrap=True)
    bad = sum(one.state == "mend" for one in checks)
    screen.print("Nothing must be mended." if not bad else f"[red]{bad} must be mended.[/red]")


def _show_fidelity(as_json: bool) -> None:
    rows = local.table()
    if as_json:
        show_json(rows)
        return
    show_table(rows)
    screen.print("\nruns: as on AWS. state-only: kept and answered, nothing acts on it. recorded: remembered, no more.")
    screen.print("What is not listed is refused by name.")
