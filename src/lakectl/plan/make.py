"""Compare what the repository asks for with what stands; what did not change its digest is not looked into."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any

from botocore.exceptions import ClientError

from lake.core.ddl import evolve_table
from lake.core.errors import LakeError
from lake.core.owner import PLATFORM
from lake.gateways.ledger import Ledger, dynamo_ledger
from lake.gateways.objects import S3Objects
from lake.gateways.registry import DynamoRegistry, Registry
from lake.gateways.tables import GlueTables
from lakectl import kept
from lakectl.compile import Compiled
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.lint.document import read
from lakectl.plan import bill
from lakectl.plan.backfill import Backfill, backfill_of
from lakectl.plan.contract import ContractChange, contract_change, readers_of
from lakectl.plan.permission import permission_changes
from lakectl.plan.plan import Plan, StackChange
from lakectl.plan.resource import resource_changes
from lakectl.plan.template import Resource, resources_of
from lakectl.plan.token import MADE_ANEW, answers_to_another
from lakectl.stack_status import BEGUN, GONE_SOON, Deployed, deployed, document_of, unchanged
from lakectl.stacks import (
    FOUNDATIONS,
    NETWORK,
    OPTIONAL,
    OPTIONAL_OF_A_TEAM,
    ROOMS_OF_A_TEAM,
    Blueprint,
    Stack,
    stacks_of,
)
from lakectl.target import Target

PARALLEL = 8
ROOMS = {*FOUNDATIONS, *NETWORK, *OPTIONAL, *ROOMS_OF_A_TEAM, *OPTIONAL_OF_A_TEAM, "team", "dataset"}
REMOVABLE = "dataset"
"""The room whose stacks a deployment takes away by itself: its table, objects and old versions stay."""


def plan_for(target: Target, blueprint: Blueprint, stacks: Sequence[Stack], *, contracts: bool = True) -> Plan:
    """What `lake deploy` would do now. Reads only; `contracts=False` leaves out datasets' contracts and backfills."""
    now = deployed(target)
    changing = [stack for stack in stacks if not unchanged(target, stack, now.get(stack.name))]
    left = kept.remembered(target) if changing else {}
    compiled = {f"{one.team}-{one.dataset}": one for one in blueprint.compiled}
    books = cache(partial(_books, target))

    def change(stack: Stack) -> StackChange:
        there, dataset = now.get(stack.name), compiled.get(stack.owner)
        found = _change(target, stack, there, left.get(stack.name, []))
        if not contracts or stack.room != REMOVABLE or dataset is None:
            return found
        standing = there if found.action == "change" else None
        contract = _contract(target, blueprint, dataset, standing)
        return replace(found, contract=contract, backfill=_backfill(books, dataset) if standing else None)

    with ThreadPoolExecutor(PARALLEL) as pool:
        changes = list(pool.map(change, changing))
    removed = removable(target, blueprint, stacks, now)
    wanted = {stack.name for stack in stacks_of(blueprint)} | set(removed)
    elsewhere = blueprint.lake.apart
    orphans = [
        name
        for name, one in now.items()
        if name not in wanted and one.room in ROOMS and one.parameters.get("Team") not in elsewhere
    ]
    gone = [_removal(target, name, now[name]) for name in removed]
    return Plan(target.environment, len(stacks), (*changes, *gone), tuple(sorted(orphans)))


def removable(target: Target, blueprint: Blueprint, stacks: Sequence[Stack], now: Mapping[str, Deployed]) -> list[str]:
    """The stacks of datasets that the repository has no more, of teams that these stacks are of.

    A team of which there is but its room has its datasets elsewhere, as has one with a repository of its own: whoever
    deploys the foundations takes away nothing of it.
    A team that is gone altogether is for a person to take away: its queues may hold messages.
    """
    wanted = {stack.name for stack in stacks_of(blueprint)}
    teams = {stack.parameters["Team"] for stack in stacks if "Team" in stack.parameters and stack.room != "team"}
    if any(stack.owner == PLATFORM for stack in stacks):
        teams -= blueprint.lake.apart.keys()
    ours = {"lake:domain": target.domain, "lake:environment": target.environment, "lake:room": REMOVABLE}
    return [
        name
        for name, one in now.items()
        if name not in wanted and ours.items() <= one.tags.items() and one.parameters.get("Team") in teams
    ]


def _change(
    target: Target,
    stack: Stack,
    there: Deployed | None,
    left: Sequence[Kept],
) -> StackChange:
    notes = [f"takes over {', '.join(one.physical for one in left)}"] if left else []
    if there and there.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
        notes.append(f"was left as {there.status}")
    standing = there if there and there.status not in (*BEGUN, *GONE_SOON) else None
    before = _deployed_resources(target, stack.name, standing)
    after = resources_of(read(stack.template.read_text(encoding="utf-8")), stack.parameters)
    resources = resource_changes(before, after, target.region)
    if answers_to_another(before, after):
        notes.append(MADE_ANEW)
    if standing and not resources:
        notes.append("no resource changes: only the template's text, its parameters' names, or tags")
    return StackChange(
        stack.name,
        stack.room,
        stack.owner,
        "change" if standing else "add",
        resources,
        permission_changes(before, after),
        notes=tuple(notes),
        dollars=round(bill.standing(after.values()) - bill.standing(before.values()), 2),
    )


def _removal(target: Target, name: str, there: Deployed) -> StackChange:
    before = _deployed_resources(target, name, there)
    owner = there.tags.get("lake:owner", "")
    path = f"{there.parameters.get('Team')}.{there.parameters.get('Dataset')}"
    note = "its claim, its alarms and its views go; its table and its objects stay"
    return StackChange(
        name,
        there.room,
        owner,
        "remove",
        resource_changes(before, {}, target.region),
        permission_changes(before, {}),
        ContractChange(path, "remove"),
        notes=(note,),
        dollars=-bill.standing(before.values()),
    )


def _deployed_resources(target: Target, name: str, there: Deployed | None) -> dict[str, Resource]:
    return resources_of(document_of(target, name), there.parameters) if there else {}


def _contract(target: Target, blueprint: Blueprint, compiled: Compiled, there: Deployed | None) -> ContractChange:
    readers = readers_of(compiled.name, blueprint.compiled)
    if there is None:
        return ContractChange(compiled.name, "add", readers=tuple(readers))
    before = _deployed_entry(target, there)
    if before is None:
        unknown = "its deployed version cannot be read from the artifact bucket, so nothing is known of its changes"
        return ContractChange(compiled.name, "change", (unknown,), readers=tuple(readers))
    found = contract_change(compiled.name, before, compiled.entry, readers)
    refusal = _refusal(target, compiled) if before["digest"] != compiled.digest else ""
    return replace(found, refusal=refusal)


def _books(target: Target) -> tuple[Ledger, Registry]:
    client = target.client("dynamodb")
    ledger = dynamo_ledger(client, target.setting("ledger", "platform", "ledger-table"))
    return ledger, DynamoRegistry(client, target.setting("ledger", "platform", "registry-table"))


def _backfill(books: Callable[[], tuple[Ledger, Registry]], compiled: Compiled) -> Backfill | None:
    """None where everything would come out the same. What cannot be read is said, and stops no plan."""
    try:
        found = backfill_of(*books(), f"{compiled.team}/{compiled.dataset}", compiled.entry)
    except (ClientError, Failure, LakeError) as error:
        found = Backfill(unread=str(error))
    return None if found.empty else found


def _deployed_entry(target: Target, there: Deployed) -> dict[str, Any] | None:
    bucket = target.setting("artifacts", "platform", "bucket")
    try:
        body = target.client("s3").get_object(Bucket=bucket, Key=there.parameters["CompiledKey"])["Body"].read()
    except (ClientError, KeyError):
        return None
    found: dict[str, Any] = json.loads(body)
    return found


def _refusal(target: Target, compiled: Compiled) -> str:
    """What the registration would say instead of evolving the table that stands."""
    dataset = compiled.value()
    objects = S3Objects(target.client("s3"))
    try:
        standing = GlueTables(target.client("glue"), objects).find(dataset.table.database, dataset.table.name)
        if standing is None:
            return ""
        table = target.setting("ledger", "platform", "registry-table")
        known = DynamoRegistry(target.client("dynamodb"), table).knows(dataset.path, dataset.digest)
        evolve_table(dataset, standing, known)
    except (LakeError, Failure) as error:
        return str(error)
    return ""
