"""`lake verify`: a look at what was deployed, which leaves no trace in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import typer
from botocore.exceptions import ClientError

from lake.core.owner import PLATFORM
from lakectl.compile import compile_lake
from lakectl.option import Environment, Json, Owner
from lakectl.owner import check_owner
from lakectl.root import find_root
from lakectl.screen import screen, show_json, show_table
from lakectl.stack_status import GOOD, deployed
from lakectl.target import Target, target_for

NOTHING = json.dumps({"Records": []}).encode()
"""An empty batch: a function that can be loaded and has its settings answers it, and does nothing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at; no `trouble` is good."""

    what: str
    trouble: str = ""


def command(environment: Environment = None, owner: Owner = None, as_json: Json = False) -> None:
    """Try what is deployed: stacks are whole, functions that take messages answer, every dataset has its table."""
    root = find_root()
    target = target_for(root, environment)
    check_owner(root, owner)
    looks = list(verified(target, owner or PLATFORM))
    if as_json:
        show_json([asdict(one) for one in looks])
    else:
        rows = [{"what": one.what, "trouble": one.trouble} for one in looks if one.trouble]
        show_table(rows, empty=f"{len(looks)} things of {target.environment} looked at: all is well.")
    if any(one.trouble for one in looks):
        if not as_json:
            screen.print("[red]Not good.[/red]")
        raise typer.Exit(1)


def verified(target: Target, owner: str) -> Iterator[Look]:
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
    for compiled in compile_lake(target.root, target.environment, account=target.account, region=target.region):
        if teams in (None, compiled.team):
            yield _found(target, compiled.name, compiled.entry["table"]["database"])


def _is_of(name: str, prefix: str, team: str) -> bool:
    said = team.replace("_", "-")
    return name.endswith(f"-{said}") or name.startswith(f"{prefix}-dataset-{said}-")


def _called(target: Target, mapping: str) -> Look:
    client = target.client("lambda")
    function = client.get_event_source_mapping(UUID=mapping)["FunctionArn"]
    answer = client.invoke(FunctionName=function, Payload=NOTHING)
    said = answer["Payload"].read().decode()
    name = function.rpartition(":")[2]
    return Look(f"function {name}", said[:500] if answer.get("FunctionError") else "")


def _found(target: Target, name: str, database: str) -> Look:
    table = name.partition(".")[2]
    try:
        target.client("glue").get_table(DatabaseName=database, Name=table)
    except ClientError as error:
        gone = error.response["Error"]["Code"] == "EntityNotFoundException"
        return Look(f"table {name}", "it is not there: lake deploy" if gone else str(error))
    return Look(f"table {name}")
