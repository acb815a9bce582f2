"""`lake branches`, and what deploy, query and destroy do with the branch of a pull request."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lakectl.branch.deploy import bring, different, take_away
from lakectl.branch.name import base_of, number_of
from lakectl.branch.standing import Twin, standing
from lakectl.commands.validate import checked
from lakectl.compile import compile_lake
from lakectl.failure import Failure
from lakectl.option import Json, agreed, whole
from lakectl.question import question
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.smoke.removal import QUARANTINE
from lakectl.smoke.trial import Trial
from lakectl.specs.load import load_settings, team_names
from lakectl.stack_status import deployed
from lakectl.target import Target, target_for


def command(
    number: Annotated[
        int | None,
        typer.Argument(
            parser=whole(1), metavar="NUMBER", help="Of one pull request; of all by default.", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """The branches that stand: which datasets a pull request has beside the environment, and until when."""
    target, _ = base(find_root())
    every = standing(target, str(number) if number else None)
    if as_json:
        show_json([asdict(one) | {"name": one.name, "expires": one.expires} for one in every])
    else:
        show_table([_row(one) for one in every], empty="No branch stands: lake deploy --env pr-NUMBER")


def base(root: Path) -> tuple[Target, str]:
    """The environment that branches are of."""
    name = base_of(load_settings(root))
    return target_for(root, name), name


def deploy(root: Path, environment: str, given: bool, as_json: bool) -> None:
    """Bring a branch to what the files here say. `given`: whether options are there that no branch has."""
    number = number_of(environment)
    assert number is not None
    if given:
        raise Failure(f"The branch {environment} takes --json alone: its doubles are no stacks.")
    target, name = base(root)
    checked(root)
    every = compile_lake(root, name, account=target.account, region=target.region)
    told: list[Trial] = []
    for trial in bring(target, number, every):
        told.append(trial)
        if not as_json:
            _tell(trial)
    derived = [one.name for one in different(every, deployed(target)) if one.derived]
    if as_json:
        show_json([asdict(one) for one in told] + [{"dataset": one, "end": LEFT_OUT} for one in derived])
    else:
        for one in derived:
            screen.print(f"  [dim]-[/dim] {one}: {LEFT_OUT}")
        if not told and not derived:
            screen.print(f"Nothing to do: every dataset is as in {name}.")
        elif told and not any(one.trouble for one in told):
            screen.print(f'Ask it: lake query --env {environment} "select * from {told[0].dataset}"')  # noqa: S608
    if any(one.trouble for one in told):
        raise typer.Exit(1)


LEFT_OUT = "made of tables, which has no sample: no branch of it is built"


def destroy(root: Path, environment: str, given: bool, yes: bool, as_json: bool) -> None:
    """Take a branch out whole, its rows too."""
    number = number_of(environment)
    assert number is not None
    if given:
        raise Failure(f"The branch {environment} goes whole: it has no stacks, and keeps no data.")
    target, _ = base(root)
    there = standing(target, number)
    if there and not as_json:
        show_table([_row(one) for one in there], title=f"To be removed for ever from {environment}")
    if there and not yes and not agreed(f"Remove {len(there)} datasets of the branch for ever?"):
        raise Failure("Nothing was deleted.")
    gone = [one.name for one in take_away(target, number)]
    if as_json:
        show_json({"environment": environment, "removed": gone})
    else:
        screen.print(f"{len(gone)} datasets removed." if gone else f"{environment} has nothing.")


def as_asked(root: Path, environment: str, sql: str) -> tuple[Target, str]:
    """A question to a branch as one to its environment: what the branch has is read there, the rest as it is."""
    target, name = base(root)
    tables = {
        (one.team, f"{one.dataset}{aside}"): f"{one.double}{aside}"
        for one in standing(target, number_of(environment))
        for aside in ("", QUARANTINE)
    }
    return target, question(sql, team_names(root), target.domain, name).renamed(tables)


def _tell(trial: Trial) -> None:
    sign = "[red]✗[/red]" if trial.trouble else "[green]✓[/green]"
    said = ": ".join(plain(one) for one in (trial.dataset, trial.object, trial.trouble or trial.end) if one)
    screen.print(f"  {sign} {said} [dim]{trial.seconds:.1f} s[/dim]", soft_wrap=True)


def _row(one: Twin) -> dict[str, str]:
    return {
        "environment": f"pr-{one.number}",
        "dataset": one.name,
        "table": one.double,
        "version": one.digest[:8],
        "made": f"{one.made:%Y-%m-%d %H:%M}",
        "expires": f"{one.expires:%Y-%m-%d}",
    }
