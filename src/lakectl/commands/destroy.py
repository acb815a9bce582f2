"""`lake destroy`: take stacks away; what holds data stays, unless it is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from lakectl import kept, lock, removal
from lakectl.branch.name import number_of
from lakectl.commands import branches
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.option import Environment, Json, Yes, agreed
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.specs.name import nearest
from lakectl.stack_status import awaited, delete, deployed
from lakectl.stacks import FOUNDATIONS, NETWORK, OPTIONAL, ROOMS_OF_A_TEAM
from lakectl.target import Target, target_for

ORDER = ("dataset", *OPTIONAL, *reversed(ROOMS_OF_A_TEAM), "team", *reversed(FOUNDATIONS), *reversed(NETWORK))
"""What needs others goes before them."""


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Stacks to take away; all of the environment by default.")
    ] = None,
    remove_data: Annotated[
        str,
        typer.Option(
            help=f"Data to remove for ever, with commas between: {', '.join(removal.DATA)}.", show_default=False
        ),
    ] = "",
    environment: Environment = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete stacks, datasets first. Data is listed and kept, and the next `lake deploy` takes it over.

    Of pr-NUMBER, the branch of a pull request, nothing is kept.
    """
    root = find_root()
    if environment and number_of(environment):
        branches.destroy(root, environment, bool(names or remove_data), yes, as_json)
        return
    unwanted = removal.names_in(remove_data)
    target = target_for(root, environment)
    stacks = in_order_of_removal(target, names or [])
    left = {stack: kept.kept_by(target, stack) for stack in stacks}
    before = [one for many in kept.remembered(target).values() for one in many]
    removal.check(unwanted, [*before, *(one for many in left.values() for one in many)])
    if not stacks and not unwanted:
        _say_nothing_stands(target, before, as_json)
        return
    if not as_json:
        _show(target, left, before, unwanted)
    if not yes and not agreed(_question(stacks, unwanted)):
        raise Failure("Nothing was deleted.")
    with lock.held(target, "destroy"):
        removed = _take_away(target, left, unwanted, "" if as_json else "  [green]✓[/green]")
    if as_json:
        still = [one.physical for many in kept.remembered(target).values() for one in many]
        show_json({"environment": target.environment, "deleted": stacks, "removed": removed, "kept": still})


def _take_away(target: Target, left: Mapping[str, Sequence[Kept]], unwanted: Sequence[str], tick: str) -> list[str]:
    """Delete the stacks, then the data that was named; what that was. `tick` leads the lines, "" for none."""
    for stack, many in left.items():
        awaited(target, stack)
        kept.remember(target, stack, many)
        delete(target, stack)
        if tick:
            screen.print(f"{tick} {stack} deleted")
    removed = []
    for one in removal.remove(target, unwanted):
        removed.append(one.physical)
        if tick:
            screen.print(f"{tick} {plain(one.physical)} removed")
    return removed


def in_order_of_removal(target: Target, names: Sequence[str]) -> list[str]:
    """What needs others goes before them. Raises Failure for a name that is not there."""
    there = deployed(target)
    for name in names:
        if name not in there:
            raise Failure(f"{target.environment} has no stack '{name}'. {nearest(name, there)}")

    def place(stack: str) -> int:
        room = there[stack].room
        return ORDER.index(room) if room in ORDER else 0

    return sorted(names or there, key=lambda stack: (place(stack), stack))


def _say_nothing_stands(target: Target, left: Sequence[Kept], as_json: bool) -> None:
    if as_json:
        still = [one.physical for one in left]
        show_json({"environment": target.environment, "deleted": [], "removed": [], "kept": still})
        return
    screen.print(f"{target.environment} has no stacks.")
    if left:
        names = sorted({removal.name_of(one) for one in left})
        screen.print(f"Data is left: {', '.join(names)}. `lake deploy` takes it over; --remove-data removes it.")


def _show(target: Target, left: dict[str, list[Kept]], before: Sequence[Kept], unwanted: Sequence[str]) -> None:
    rows = [
        {"stack": stack, "keeps": ", ".join(_said(one) for one in many if _stays(one, unwanted)) or "nothing"}
        for stack, many in left.items()
    ]
    if rows:
        show_table(rows, title=f"To be deleted in {target.environment}")
    goes = [one for many in (*left.values(), before) for one in many if not _stays(one, unwanted)]
    if goes:
        told = [
            {"data": (name := removal.name_of(one)), "is": one.physical, "lost": removal.DATA[name].loses}
            for one in goes
        ]
        show_table(told, title="\nTo be removed for ever")


def _said(one: Kept) -> str:
    return f"{removal.name_of(one)} ({one.physical})"


def _stays(one: Kept, unwanted: Sequence[str]) -> bool:
    return removal.name_of(one) not in unwanted


def _question(stacks: Sequence[str], unwanted: Sequence[str]) -> str:
    acts = [f"Delete {len(stacks)} {'stack' if len(stacks) == 1 else 'stacks'}"] if stacks else []
    acts += [f"{'remove' if acts else 'Remove'} {', '.join(unwanted)} for ever"] if unwanted else []
    stays = "What is kept costs until it is removed, and objects put meanwhile are not announced. " if stacks else ""
    return f"{stays}{' and '.join(acts)}?"
