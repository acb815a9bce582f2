"""`lake env`, `lake shell` and `lake local engine`: what SAM CLI needs to run the lake's functions on this laptop."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from lakectl.failure import Failure
from lakectl.functions import all_deployed, values, write_for_sam
from lakectl.option import Environment
from lakectl.root import find_root
from lakectl.screen import errors, screen
from lakectl.specs.load import team_names
from lakectl.specs.name import nearest
from lakectl.target import Target, target_for
from lakelocal import cloud, sam
from lakelocal.engine.setting import Setting

Team = Annotated[str | None, typer.Option(help="Whose functions; the first team of team/ unless said.")]


def show_values(team: Team = None, environment: Environment = None) -> None:
    """Print the variables of the deployed functions, as `sam local invoke --env-vars` reads them."""
    root = find_root()
    found = all_deployed(target := target_for(root, environment), team_of(root, team))
    if target.local:
        write_for_sam(root, found)
    typer.echo(json.dumps(values(found), indent=2))


def engine(
    exports: Annotated[bool, typer.Option(help="Print the exports alone: for eval, or for direnv's .envrc.")] = False,
    stop: Annotated[bool, typer.Option(help="Stop the engine instead.")] = False,
    team: Team = None,
) -> None:
    """Let `sam local` work without Docker: start its engine, or find it running."""
    root = find_root()
    if stop and exports:
        raise typer.BadParameter("--stop and --exports exclude each other.")
    if stop:
        screen.print("Stopped." if sam.down(root) else "It was not running.")
        return
    found = prepared(root, team)
    if found is None:
        return
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(root, found).items()]
    if exports:
        typer.echo("\n".join(lines))
        return
    screen.print(f"The engine listens on {found.socket}.")
    if found.plain:
        screen.print("  This machine allows no mount namespaces: functions see its own /tmp and /opt.")
    for version in set(found.plays) - {found.version}:
        screen.print(f"  Python {found.version} of this clone, for which its packages are made, plays python{version}.")
    screen.print("  `lake shell` opens a shell in which sam finds it; or:")
    for line in lines:
        typer.echo(f"    {line}")


def shell(team: Team = None) -> None:
    """Open a shell in which `sam` speaks to the engine and the local cloud."""
    root = find_root()
    program = os.environ.get("SHELL", "/bin/sh")
    if shutil.which(program) is None:
        raise Failure(f"SHELL is '{program}', and there is no such program. For instance: SHELL=/bin/sh lake shell")
    found = prepared(root, team)
    errors.print(f"{Path(program).name}: sam and aws act on this laptop. Leave it with exit.")
    raise typer.Exit(subprocess.run([program], env=around(root, found), check=False).returncode)


def engine_of(root: Path) -> Setting | None:
    """The engine, running; None where SAM is not installed, or Docker does the engine's work."""
    installed = (sam.environment_folder(root) / "bin/sam").exists()
    return sam.up(root, templates_version(root)) if installed and not sam.docker(root) else None


def prepared(root: Path, team: str | None) -> Setting | None:
    """The engine, running, with what it must know of the deployed functions; None where Docker does its work."""
    team_of(root, team)
    if not (sam.environment_folder(root) / "bin/sam").exists():
        raise Failure("SAM CLI is not installed in this clone: run `make sam` (about 210 MB, once).")
    refresh(root, team)
    if place := sam.docker(root):
        errors.print(f"Docker answers at {place}: sam uses it, and the lake's engine steps aside.")
        return None
    return sam.up(root, templates_version(root))


def refresh(root: Path, team: str | None) -> None:
    """Write the functions' variables and roles down, if there is a local cloud with the lake in it."""
    if cloud.running(root) is None:
        errors.print("The local cloud does not run: functions have no variables. `lake local up`, `lake deploy`.")
        return
    try:
        target: Target = target_for(root, None)
        write_for_sam(root, all_deployed(target, team_of(root, team)))
    except Failure as error:
        errors.print(f"{error}")


def around(root: Path, found: Setting | None) -> dict[str, str]:
    """The environment of a program that speaks to the engine."""
    return {**os.environ, **(variables(root, found) if found else {})}


def variables(root: Path, found: Setting) -> dict[str, str]:
    return sam.exports(root, found, cloud.running(root))


def team_of(root: Path, team: str | None) -> str:
    """The team that is named, or the first. Raises Failure."""
    teams = team_names(root)
    if not teams:
        raise Failure("There is no team in team/. Write its first one: team/<team>.yaml.")
    chosen = team or teams[0]
    if chosen not in teams:
        raise Failure(f"There is no team '{chosen}' in team/. {nearest(chosen, teams)}")
    return chosen


def templates_version(root: Path) -> str:
    """The Python that the templates ask for: `3.12` of `Default: python3.12`. Raises Failure."""
    found = re.search(r"Runtime:.*?Default: python(3\.\d+)", (root / "template.yaml").read_text(), re.DOTALL)
    if found is None:
        raise Failure("template.yaml has no parameter Runtime with a Default such as python3.12.")
    return found[1]
