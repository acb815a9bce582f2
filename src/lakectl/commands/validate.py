"""Checks a project's files without touching AWS."""

from __future__ import annotations

from pathlib import Path

import typer

from lakectl.lint.run import lint
from lakectl.option import Json
from lakectl.resolve.dataset import resolve_lake
from lakectl.root import find_root
from lakectl.screen import screen
from lakectl.specs.finding import BrokenSpecs, Findings
from lakectl.specs.load import read_lake


def validate(root: Path) -> Findings:
    """All that is wrong with the files of a project, sorted by place; also warnings, which do not stop a deployment."""
    lake, findings = read_lake(root)
    resolved, more = resolve_lake(lake)
    found = Findings.of([*findings, *more])
    if found.errors:
        return found
    from lakectl.resolve.rehearsal import rehearsed

    return Findings.of([*found, *rehearsed(lake, resolved)])


def checked(root: Path) -> None:
    """Raise BrokenSpecs with all that stands against a deployment: specs, and templates that AWS would not bear."""
    found = Findings.of([*validate(root), *lint(root)])
    if found.errors:
        raise BrokenSpecs(found)


def command(as_json: Json = False) -> None:
    """Check every YAML, SQL and Python file and every template of the repository; nothing is deployed."""
    root = find_root()
    found = Findings.of([*validate(root), *lint(root)])
    if as_json:
        print(found.json())  # noqa: T201
    else:
        for finding in found:
            screen.print(str(finding), markup=False, soft_wrap=True)
        if not found.errors:
            screen.print("[green]✓[/green] All files are valid." if not found else "No errors.")
    if found.errors:
        raise typer.Exit(1)
