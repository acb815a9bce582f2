"""`lake deploy`: bring an environment to what the repository says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import typer

from lakectl import package
from lakectl.apply import Event, apply
from lakectl.commands.validate import checked
from lakectl.compile import compile_lake
from lakectl.option import Environment, Json, Owner
from lakectl.owner import acting_for, owned_by
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json
from lakectl.shell import as_commands
from lakectl.specs.load import load_lake
from lakectl.stacks import Blueprint, Stack, stacks_of
from lakectl.target import Target, target_for


def command(
    environment: Environment = None,
    owner: Owner = None,
    print_commands: Annotated[
        bool, typer.Option("--print", help="Show the plain aws commands and do nothing.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every resource.")] = False,
    as_json: Json = False,
) -> None:
    """Deploy foundations, teams, pipelines and datasets; what did not change is not written."""
    root = find_root()
    target = acting_for(target_for(root, environment), owner)
    blueprint = blueprint_for(target)
    stacks = owned_by(stacks_of(blueprint), owner)
    if print_commands:
        for line in as_commands(target, blueprint, stacks):
            screen.print(line, markup=False, soft_wrap=True)
        return
    tell = _quiet if as_json else (_every if verbose else _stacks_and_failures)
    written = deploy(target, blueprint, stacks, tell)
    if as_json:
        show_json({"environment": target.environment, "stacks": len(stacks), "written": [one.name for one in written]})
    elif not written:
        screen.print(f"Nothing to do: {len(stacks)} stacks of {target.environment} are as the repository says.")
    else:
        screen.print(f"{len(written)} of {len(stacks)} stacks written in {target.environment}.")


def blueprint_for(target: Target) -> Blueprint:
    """Check everything, compile the datasets and build the packages."""
    checked(target.root)
    lake = load_lake(target.root)
    compiled = compile_lake(target.root, target.environment, account=target.account, region=target.region)
    platform = package.LAPTOP if target.local else package.LAMBDA
    return Blueprint(lake, target.environment, platform, package.artifacts(target.root, platform), compiled)


def deploy(target: Target, blueprint: Blueprint, stacks: list[Stack], tell: Any = None) -> list[Stack]:
    """The artifact store first, then its content, then everything else."""
    tell = tell or _quiet
    store = [stack for stack in stacks if stack.room == "artifacts"]
    written = apply(target, store, tell)
    upload(target, blueprint)
    return written + apply(target, stacks, tell)


def upload(target: Target, blueprint: Blueprint) -> int:
    """Put what the artifact bucket lacks; keys carry digests, so what is there is right. The number of uploads."""
    bucket = target.setting("artifacts", "platform", "bucket")
    client = target.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    missing = [artifact for artifact in blueprint.files if artifact.key not in there]

    def put(artifact: package.Artifact) -> None:
        client.put_object(Bucket=bucket, Key=artifact.key, Body=artifact.path.read_bytes())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, missing))
    return len(missing)


def _quiet(event: Event) -> None:
    """Machines read the answer, not the way to it."""


def _every(event: Event) -> None:
    reason = f" [dim]{plain(event.reason)}[/dim]" if event.reason else ""
    screen.print(f"  {event.stack} {event.resource} [cyan]{event.status}[/cyan]{reason}")


def _stacks_and_failures(event: Event) -> None:
    if event.status.endswith("_FAILED"):
        screen.print(f"  [red]✗[/red] {event.stack} {event.resource}: {plain(event.reason)}")
    elif event.resource == event.stack and event.status.endswith("_COMPLETE"):
        screen.print(f"  [green]✓[/green] {event.stack} [dim]{event.status.lower().replace('_', ' ')}[/dim]")
