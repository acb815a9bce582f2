"""Options that several verbs share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError
from rich.prompt import Confirm
from typer._click.exceptions import UsageError  # typer brings its own click and gives this no public name
from typer.core import TyperCommand

from lakectl.failure import Failure
from lakectl.screen import errors
from lakectl.specs.load import team_names
from lakectl.specs.name import nearest
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
AllowReplacement = Annotated[
    list[str] | None,
    typer.Option(
        help="Let this be replaced or removed although it holds data: <stack>.<resource>. May be said again.",
        show_default=False,
    ),
]
OverwriteDrift = Annotated[
    list[str] | None,
    typer.Option(
        help="Overwrite what was changed by hand: <stack>, or <stack>.<resource>. May be said again.",
        show_default=False,
    ),
]
RollbackTo = Annotated[
    str, typer.Option(metavar="COMMIT", help="The files and artifacts of this commit instead.", show_default=False)
]
DatasetName = Annotated[str, typer.Argument(help="<team>.<dataset>, for instance aviation.flights", show_default=False)]


class Answering(TyperCommand):
    """A verb whose exit code 2 is an answer: wrong usage ends with 1."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        with _wrong_usage_is(1):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _wrong_usage_is(1):
            return super().invoke(ctx)


class Quoted(TyperCommand):
    """A verb with an argument of several words, which a shell takes apart where quotes are missing."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except UsageError as error:
            if "extra argument" in error.message:
                error.message += " Put what is one argument into quotes."
            raise


@contextmanager
def _wrong_usage_is(code: int) -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        error.exit_code = code
        raise


def check_team(root: Path, team: str | None) -> None:
    """Raise BadParameter, wrong usage, for a team that is not there."""
    teams = team_names(root)
    if team is not None and team not in teams:
        raise typer.BadParameter(f"no team '{team}'. {nearest(team, teams)}", param_hint="--team")


def whole(least: int, most: int | None = None) -> Callable[[str | int], int]:
    """Reads a whole number within limits; what is wrong usage is named, which click's own words do not do."""
    limits = f"from {least}" + (f" to {most}" if most else "")

    def read(given: str | int) -> int:
        text = str(given)
        if not text.isdecimal() or int(text) < least or (most and int(text) > most):
            raise typer.BadParameter(f"'{text}' is no whole number {limits}.")
        return int(text)

    return read


def repeated(option: str, names: Sequence[str] | None) -> list[str]:
    """The words that say an option once for each of its values."""
    return [word for name in names or () for word in (option, name)]


def switched(**flags: bool) -> list[str]:
    """The words of the flags that are on."""
    return [f"--{name}" for name, on in flags.items() if on]


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
