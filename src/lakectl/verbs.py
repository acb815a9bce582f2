"""The verbs of `lake`. Each is imported when it is asked for, so that a short one does not wait for all."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand, TyperGroup

from lakectl.option import Answering, Quoted

WRITE, DEPLOY, USE, TRY = "Write datasets", "Deploy", "Deliver, watch and ask", "Try one thing"


@dataclass(frozen=True)
class Verb:
    """Where a verb is: `what` in lakectl/commands/`module`.py, a function, or a Typer with verbs of its own."""

    panel: str
    module: str
    what: str = "command"
    kind: type[TyperCommand] = TyperCommand

    def command(self, name: str) -> Any:
        """What click calls for it."""
        found = getattr(import_module(f"lakectl.commands.{self.module}"), self.what)
        app = found
        if not isinstance(found, typer.Typer):
            app = typer.Typer(rich_markup_mode="rich", add_completion=False)
            app.command(name, cls=self.kind)(found)
        command: Any = typer.main.get_command(app)
        command.name, command.rich_help_panel = name, self.panel
        return command


VERBS = {
    "validate": Verb(WRITE, "validate"),
    "test": Verb(WRITE, "test"),
    "doctor": Verb(DEPLOY, "doctor"),
    "plan": Verb(DEPLOY, "plan", kind=Answering),
    "bootstrap": Verb(DEPLOY, "bootstrap"),
    "deploy": Verb(DEPLOY, "deploy"),
    "verify": Verb(DEPLOY, "verify"),
    "sbom": Verb(DEPLOY, "sbom"),
    "destroy": Verb(DEPLOY, "destroy"),
    "branches": Verb(DEPLOY, "branches"),
    "local": Verb(DEPLOY, "local", "app"),
    "pipeline": Verb(DEPLOY, "pipeline", "app"),
    "pull-request": Verb(DEPLOY, "pull_request", "app"),
    "drop": Verb(USE, "drop"),
    "run": Verb(USE, "run"),
    "status": Verb(USE, "status"),
    "trace": Verb(USE, "trace"),
    "query": Verb(USE, "query", kind=Quoted),
    "invoke": Verb(TRY, "invoke"),
    "run-state": Verb(TRY, "run_state", kind=Quoted),
    "run-job": Verb(TRY, "run_job"),
    "env": Verb(TRY, "sam", "show_values"),
    "shell": Verb(TRY, "sam", "shell"),
}
"""As `lake --help` lists them: in the order in which one comes to need them."""


class _Commands(MutableMapping[str, Any]):
    """The commands of VERBS by name, made when they are looked at."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = VERBS[name].command(name)
        return self.made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.made[name] = command

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"{name} stays a verb")

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


COMMANDS = _Commands()


class Verbs(TyperGroup):
    """`lake` itself."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = COMMANDS
