"""`lake local connection`: what the console's page of connections does on AWS."""

from __future__ import annotations

from typing import Annotated

import typer

from lakectl.cicd.connection import check_local, confirm, connection_called
from lakectl.option import Environment
from lakectl.root import find_root
from lakectl.screen import screen
from lakectl.specs.load import load_settings
from lakectl.target import aimed, target_at

app = typer.Typer(
    help="Connections to GitHub, GitLab and Bitbucket, which mirrors stand for here.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def connection() -> None:
    """Connections to GitHub, GitLab and Bitbucket, which mirrors stand for here."""


@app.command("confirm")
def confirmed(
    name: Annotated[str, typer.Argument(help="Name or id; the one that lake bootstrap made by default.")] = "",
    environment: Environment = None,
) -> None:
    """Confirm a connection that is PENDING. On AWS only a person at the console can."""
    root = find_root()
    asked = aimed(root, environment)
    check_local(asked)
    target = target_at(root, asked.domain, asked.environment, load_settings(root).deployment)
    check_local(target)
    found = connection_called(target, name or f"{target.domain}-source")
    if found.pending:
        confirm(target, found)
        screen.print(f"{found.name} is AVAILABLE: pipelines may take commits of {found.provider}.")
    else:
        screen.print(f"Nothing to do: {found.name} is {found.status}.")
