"""Bring stacks to what their templates say: in order, in parallel where nothing speaks against it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakectl import kept
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.stacks import Stack
from lakectl.target import Target

DIGEST_TAG = "lake:digest"
PARALLEL = 6
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happens to a stack, as it happens."""

    stack: str
    resource: str
    status: str
    reason: str = ""


Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack as it stands: its status, the digest of the template and parameters that made it so, its room."""

    status: str
    digest: str
    room: str


def deployed(target: Target) -> dict[str, Deployed]:
    """All stacks of this domain and environment."""
    found: dict[str, Deployed] = {}
    for page in target.client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            if stack["StackName"].startswith(f"{target.prefix}-"):
                found[stack["StackName"]] = Deployed(
                    stack["StackStatus"], tags.get(DIGEST_TAG, ""), tags.get("lake:room", "")
                )
    return found


def unchanged(stack: Stack, now: Mapping[str, Deployed]) -> bool:
    there = now.get(stack.name)
    return there is not None and there.status in GOOD and there.digest == stack.digest


def apply(target: Target, stacks: Sequence[Stack], tell: Tell) -> list[Stack]:
    """Deploy the stacks that changed, each after those that it needs; return the ones that were written.

    Raises Failure with the first resource that failed and its reason; what depends on it is not tried.
    """
    now, left = deployed(target), kept.remembered(target)
    todo = {stack.name: stack for stack in stacks if not unchanged(stack, now)}
    done = {stack.name for stack in stacks} - set(todo)
    written: list[Stack] = []
    with ThreadPoolExecutor(PARALLEL) as pool:
        running: dict[Future[None], Stack] = {}
        while todo or running:
            for stack in [one for one in todo.values() if done.issuperset(one.needs)]:
                running[pool.submit(_deploy, target, stack, now.get(stack.name), left.get(stack.name, []), tell)] = (
                    todo.pop(stack.name)
                )
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                stack = running.pop(future)
                future.result()
                done.add(stack.name)
                written.append(stack)
    return written


def _deploy(target: Target, stack: Stack, there: Deployed | None, left: Sequence[Kept], tell: Tell) -> None:
    client = target.client("cloudformation")
    if there and there.status == "ROLLBACK_COMPLETE":
        tell(Event(stack.name, stack.name, "DELETE_IN_PROGRESS", "its first creation had failed"))
        client.delete_stack(StackName=stack.name)
        client.get_waiter("stack_delete_complete").wait(StackName=stack.name)
        there = None
    kind = "UPDATE" if there and there.status != "REVIEW_IN_PROGRESS" else "CREATE"
    if left:
        if kind == "CREATE":
            _take_over(target, stack, left, tell)
        kept.forget(target, stack.name)
        kind = "UPDATE"
    name = f"lake-{stack.digest[:16]}-{int(time.time())}"
    tell(Event(stack.name, stack.name, f"{kind}_IN_PROGRESS"))
    _forget_failed_change_sets(client, stack.name, kind)
    client.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType=kind,
        TemplateBody=stack.template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        Tags=[{"Key": key, "Value": value} for key, value in {**stack.tags, DIGEST_TAG: stack.digest}.items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        **_acting_as(target),
    )
    change_set = _await_change_set(target, stack.name, name)
    if change_set is None:
        client.delete_change_set(StackName=stack.name, ChangeSetName=name)
        return
    client.execute_change_set(StackName=stack.name, ChangeSetName=name)
    _follow(target, stack.name, change_set["CreationTime"], tell)


def _take_over(target: Target, stack: Stack, left: Sequence[Kept], tell: Tell) -> None:
    """Begin the stack with what an earlier one of its name has left: the same buckets, tables and keys."""
    client = target.client("cloudformation")
    name = f"lake-import-{int(time.time())}"
    tell(Event(stack.name, stack.name, "IMPORT_IN_PROGRESS", f"takes over {', '.join(one.physical for one in left)}"))
    client.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType="IMPORT",
        TemplateBody=kept.import_template(target, left),
        ResourcesToImport=kept.to_import(left),
        **_acting_as(target),
    )
    change_set = _await_change_set(target, stack.name, name)
    assert change_set is not None, "an import always changes something"
    client.execute_change_set(StackName=stack.name, ChangeSetName=name)
    _follow(target, stack.name, change_set["CreationTime"], tell)


def _acting_as(target: Target) -> dict[str, str]:
    return {"RoleARN": target.deploy_role} if target.deploy_role else {}


def _forget_failed_change_sets(client: Any, stack: str, kind: str) -> None:
    """A change set of an attempt that was cut short keeps nothing and would only pile up."""
    if kind == "CREATE":
        return
    for summary in client.list_change_sets(StackName=stack)["Summaries"]:
        if summary["Status"] == "FAILED":
            client.delete_change_set(StackName=stack, ChangeSetName=summary["ChangeSetName"])


def _pause(target: Target) -> None:
    time.sleep(0.1 if target.local else 2.0)


def _await_change_set(target: Target, stack: str, name: str) -> Any | None:
    """The change set when it is ready; None when there is nothing to change."""
    client = target.client("cloudformation")
    while True:
        found = client.describe_change_set(StackName=stack, ChangeSetName=name)
        if found["Status"] == "CREATE_COMPLETE":
            return found
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates" in reason:
                return None
            raise Failure(f"{stack} cannot be deployed: {reason}")
        _pause(target)


def _follow(target: Target, stack: str, since: datetime, tell: Tell) -> None:
    client = target.client("cloudformation")
    seen: set[str] = set()
    failed: list[Event] = []
    while True:
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        for event in _events(client, stack, since, seen):
            tell(event)
            if event.status.endswith("_FAILED") and "cancelled" not in event.reason.lower():
                failed.append(event)
        if not status.endswith("_IN_PROGRESS"):
            break
        _pause(target)
    if status not in GOOD:
        first = next(iter(failed), Event(stack, stack, status, "see the stack's events"))
        raise Failure(f"{stack} ended as {status}. First to fail: {first.resource}: {first.reason}")


def _events(client: Any, stack: str, since: datetime, seen: set[str]) -> Iterator[Event]:
    page = client.describe_stack_events(StackName=stack)["StackEvents"]
    for event in reversed(page):
        if event["EventId"] not in seen and event["Timestamp"] >= since:
            seen.add(event["EventId"])
            reason = event.get("ResourceStatusReason", "")
            yield Event(stack, event["LogicalResourceId"], event["ResourceStatus"], reason)
