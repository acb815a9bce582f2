"""`lake plan`: what a deployment would do, before it is done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from lakectl.deployment import blueprint_for
from lakectl.option import AllowReplacement, Environment, Json, Owner, RollbackTo, repeated, switched
from lakectl.owner import acting_for, owned_by
from lakectl.plan.make import plan_for
from lakectl.plan.node import drawn, markdown, tree_of
from lakectl.plan.plan import Plan, check_allowed, check_contracts
from lakectl.rollback import in_commit
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json
from lakectl.stacks import stacks_of
from lakectl.target import target_for

CHANGES = 2
"""The exit code that says that there is something to deploy."""
COLORS = {"+": "green", "~": "yellow", "±": "bold red", "-": "red", "!": "bold red"}


def command(
    environment: Environment = None,
    owner: Owner = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what new stacks are made of, too.")] = False,
    allow_replacement: AllowReplacement = None,
    rollback_to: RollbackTo = "",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown for a pull request.")] = False,
    as_json: Json = False,
) -> None:
    """Show what `lake deploy` would do; nothing is written. Exits with 0: nothing, 2: changes, 1: it would fail."""
    if as_json and as_markdown:
        raise typer.BadParameter("--json and --markdown exclude each other.")
    root = find_root()
    if rollback_to:
        words = repeated("--allow-replacement", allow_replacement)
        words += repeated("--as", [owner] if owner else [])
        words += switched(verbose=verbose, markdown=as_markdown, json=as_json)
        raise typer.Exit(in_commit(root, rollback_to, "plan", environment, words))
    target = acting_for(target_for(root, environment), owner)
    blueprint = blueprint_for(target)
    plan = plan_for(target, blueprint, owned_by(stacks_of(blueprint), owner, blueprint.lake.apart))
    if as_json:
        show_json(as_document(plan))
    elif as_markdown:
        print(markdown(tree_of(plan)), end="")  # noqa: T201
    else:
        show(plan, verbose)
    check_allowed(plan, allow_replacement or ())
    check_contracts(plan)
    if plan.changes:
        raise typer.Exit(CHANGES)


def show(plan: Plan, whole: bool = False) -> None:
    """The plan as a tree, on the terminal."""
    for line, tone in drawn(tree_of(plan, whole)):
        color = COLORS.get(tone)
        text = plain(line)
        screen.print(f"[{color}]{text}[/{color}]" if color else text, soft_wrap=True)


def as_document(plan: Plan) -> dict[str, Any]:
    """The plan for machines; every statement and every property that changes is in it."""
    document = asdict(plan) | {"dollars": plan.dollars}
    for stack, told in zip(plan.changes, document["changes"], strict=True):
        for resource, one in zip(stack.resources, told["resources"], strict=True):
            one |= {"holds": resource.holds, "leaves_data": resource.leaves_data}
            for difference, each in zip(resource.differences, one["differences"], strict=True):
                each["path"] = difference.place
        for permission, one in zip(stack.permissions, told["permissions"], strict=True):
            one["verdict"] = permission.verdict
    return document
