"""`lake destroy`: take stacks away; what holds data stays."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from lakectl.apply import deployed
from lakectl.failure import Failure
from lakectl.option import Environment, Json, Yes, agreed
from lakectl.root import find_root
from lakectl.screen import screen, show_json, show_table
from lakectl.specs.name import nearest
from lakectl.target import Target, target_for


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Stacks to take away; all of the environment by default.")
    ] = None,
    environment: Environment = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete stacks, datasets first. Buckets, tables, keys and ledger are kept: they hold data."""
    target = target_for(find_root(), environment)
    stacks = in_order_of_removal(target, names or [])
    if not stacks:
        screen.print(f"{target.environment} has no stacks.")
        return
    if not as_json:
        kept = [{"stack": stack, "keeps": ", ".join(kept_by(target, stack)) or "nothing"} for stack in stacks]
        show_table(kept, title=f"To be deleted in {target.environment}")
    if not yes and not agreed("Delete these stacks? What they keep stays, and costs, until it is removed by hand."):
        raise typer.Exit(1)
    for stack in stacks:
        _delete(target, stack)
        if not as_json:
            screen.print(f"  [green]✓[/green] {stack} deleted")
    if as_json:
        show_json({"environment": target.environment, "deleted": stacks})


def in_order_of_removal(target: Target, names: list[str]) -> list[str]:
    """What needs others goes before them. Raises Failure for a name that is not there."""
    order = (
        "dataset",
        "stage-a",
        "stage-a-large",
        "stage-b-runs",
        "stage-b-job",
        "stage-b",
        "team",
        "registration",
        "arrivals",
        "ledger",
        "storage",
        "artifacts",
    )
    there = set(deployed(target))
    for name in names:
        if name not in there:
            raise Failure(f"{target.environment} has no stack '{name}'. {nearest(name, there)}")

    def place(stack: str) -> int:
        room = stack.removeprefix(f"{target.prefix}-")
        return order.index(max((known for known in order if room.startswith(known)), key=len, default=order[0]))

    return sorted(names or there, key=lambda stack: (place(stack), stack))


def kept_by(target: Target, stack: str) -> list[str]:
    """The logical names of what the stack leaves behind."""
    client = target.client("cloudformation")
    body = client.get_template(StackName=stack)["TemplateBody"]
    resources: dict[str, Any] = body["Resources"] if isinstance(body, dict) else _resources(body)
    return [name for name, resource in resources.items() if resource.get("DeletionPolicy", "").startswith("Retain")]


def _resources(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return dict(YAML(typ="rt").load(text)["Resources"])


def _delete(target: Target, stack: str) -> None:
    client = target.client("cloudformation")
    identifier = client.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    client.delete_stack(StackName=stack)
    while True:
        found = client.describe_stacks(StackName=identifier)["Stacks"][0]
        if found["StackStatus"] == "DELETE_COMPLETE":
            return
        if found["StackStatus"] == "DELETE_FAILED":
            raise Failure(f"{stack} cannot be deleted: {found.get('StackStatusReason', 'see its events')}")
        time.sleep(0.1 if target.local else 3.0)
