"""Options that several verbs share."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from pydantic_core import PydanticCustomError
from rich.prompt import Confirm

from lakectl.failure import Failure
from lakectl.screen import errors
from lakectl.specs.quantity import seconds_in

Environment = Annotated[
    str | None, typer.Option("--env", "-e", envvar="LAKE_ENV", help="Environment of lake.yaml; the first by default.")
]
Owner = Annotated[
    str | None,
    typer.Option("--as", help="Only what this owner has, by its deploy role: platform (everything), or a team."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DatasetName = Annotated[str, typer.Argument(help="<team>.<dataset>, for instance aviation.flights", show_default=False)]


def agreed(question: str) -> bool:
    """Ask for a yes. Raises Failure where nobody is there to say it."""
    if not sys.stdin.isatty():
        raise Failure("This deletes, and nobody is here to be asked. With --yes it is done without asking.")
    return Confirm.ask(question, console=errors)


def seconds_of(option: str, text: str) -> int:
    """Seconds in what an option says, for instance `5 minutes`. Raises BadParameter: wrong usage."""
    try:
        return seconds_in(text)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("hint", "")
        raise typer.BadParameter(f"{error.message()} {hint}".strip(), param_hint=option) from error
