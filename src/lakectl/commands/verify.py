"""`lake verify`: a look at what was deployed, and samples that go through it and are taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from botocore.exceptions import ClientError

from lake.core.owner import PLATFORM
from lakectl.branch.standing import closed, standing
from lakectl.cicd.reach import acting_in, is_apart
from lakectl.compile import Compiled, compile_lake
from lakectl.option import Environment, Json, Owner
from lakectl.owner import check_owner
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.smoke.samples import trials
from lakectl.smoke.trial import Trial
from lakectl.specs.load import load_settings
from lakectl.stack_status import GOOD, deployed
from lakectl.target import Target

NOTHING = json.dumps({"Records": []}).encode()
"""An empty batch: a function that can be loaded and has its settings answers it, and does nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at; no `trouble` is good. `object` and `end` are those of a sample that was sent through."""

    what: str
    trouble: str = ""
    object: str = ""
    end: str = ""


def command(
    environment: Environment = None,
    owner: Owner = None,
    smoke: Annotated[
        bool | None,
        typer.Option(help="Send samples through; by default where lake.yaml says so.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Try what is deployed: stacks are whole, functions answer, tables are there, samples go through.

    A sample goes through under a name of its own, is read as rows of a table, and is taken out again; of a dataset
    that has passed as it is now, none is sent.
    """
    root = find_root()
    check_owner(root, owner)
    target = acting_in(root, environment, "verify", owner)
    every = compile_lake(root, target.environment, account=target.account, region=target.region)
    ours = [one for one in every if owner in (None, PLATFORM, one.team)]
    looks = list(verified(target, owner or PLATFORM, ours))
    if not as_json:
        _show(target, looks)
    tries = target.environment in load_settings(root).tries_samples_in if smoke is None else smoke
    # what is not whole cannot be tried
    if tries and not any(one.trouble for one in looks):
        for trial in trials(target, ours, deployed(target), datetime.now(UTC), _mark, _closed(target)):
            looks.append(_look(trial))
            if not as_json:
                _tell(trial)
    if as_json:
        show_json([asdict(one) for one in looks])
    if any(one.trouble for one in looks):
        if not as_json:
            screen.print("[red]Not good.[/red]")
        raise typer.Exit(1)


def _mark() -> str:
    return uuid4().hex[:8]


def _closed(target: Target) -> set[str]:
    """Pull requests whose branches are to go; in an environment apart from them, branches expire."""
    spec = load_settings(target.root)
    return set() if is_apart(spec, target.environment) else set(closed(target, spec.cicd, standing(target)))


def _show(target: Target, looks: Sequence[Look]) -> None:
    rows = [{"what": one.what, "trouble": one.trouble} for one in looks if one.trouble]
    show_table(rows, empty=f"{len(looks)} things of {target.environment} looked at: all is well.")


def _look(trial: Trial) -> Look:
    return Look(f"sample of {trial.dataset}", trial.trouble, trial.object, trial.end)


def _tell(trial: Trial) -> None:
    sign = "[red]✗[/red]" if trial.trouble else "[green]✓[/green]"
    end = trial.trouble or f"{trial.end}, and taken out again"
    words = f"{plain(trial.dataset)}: {plain(trial.object)}: {plain(end)}"
    screen.print(f"  {sign} {words} [dim]{trial.seconds:.1f} s[/dim]", soft_wrap=True)


def verified(target: Target, owner: str, every: Sequence[Compiled]) -> Iterator[Look]:
    """Look at what an owner has; the platform has everything."""
    teams = None if owner == PLATFORM else owner
    cloudformation = target.client("cloudformation")
    for name, stack in deployed(target).items():
        if teams and not _is_of(name, target.prefix, owner):
            continue
        yield Look(name, "" if stack.status in GOOD else stack.status)
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=name):
            for one in page["StackResourceSummaries"]:
                if one["ResourceType"] == "AWS::Lambda::EventSourceMapping":
                    yield _called(target, one["PhysicalResourceId"])
    for compiled in every:
        yield _found(target, compiled.name, compiled.entry["table"]["database"])


def _is_of(name: str, prefix: str, team: str) -> bool:
    said = team.replace("_", "-")
    return name.endswith(f"-{said}") or name.startswith(f"{prefix}-dataset-{said}-")


def _called(target: Target, mapping: str) -> Look:
    client = target.client("lambda")
    function = client.get_event_source_mapping(UUID=mapping)["FunctionArn"]
    answer = client.invoke(FunctionName=function, Payload=NOTHING)
    said = answer["Payload"].read().decode()
    name = function.split(":")[6]  # its alias follows
    return Look(f"function {name}", said[:500] if answer.get("FunctionError") else "")


def _found(target: Target, name: str, database: str) -> Look:
    table = name.partition(".")[2]
    try:
        target.client("glue").get_table(DatabaseName=database, Name=table)
    except ClientError as error:
        gone = error.response["Error"]["Code"] == "EntityNotFoundException"
        return Look(f"table {name}", "it is not there: lake deploy" if gone else str(error))
    return Look(f"table {name}")
