"""Bring stacks to what their templates say: in order, in parallel where nothing speaks against it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from botocore.exceptions import ClientError

from lakectl import kept
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.lint.document import read
from lakectl.pause import Pause
from lakectl.plan.template import resources_of
from lakectl.plan.token import MADE_ANEW, answers_to_another
from lakectl.stack_status import (
    BEGUN,
    DIGEST_TAG,
    Deployed,
    Event,
    Tell,
    delete,
    deployed,
    document_of,
    follow,
    settled,
    unchanged,
)
from lakectl.stacks import Stack
from lakectl.target import Target

PARALLEL = 6
ATTEMPTS = 5
"""How often somebody else's operation may come between looking at a stack and changing it."""


def apply(target: Target, stacks: Sequence[Stack], tell: Tell) -> list[Stack]:
    """Deploy the stacks that changed, each after those that it needs; return the ones that were written.

    Raises Failure with the first resource that failed and its reason; what depends on it is not tried.
    """
    now, left = deployed(target), kept.remembered(target)
    todo = {stack.name: stack for stack in stacks if not unchanged(target, stack, now.get(stack.name))}
    done = {stack.name for stack in stacks} - set(todo)
    written: list[Stack] = []
    with ThreadPoolExecutor(PARALLEL) as pool:
        running: dict[Future[bool], Stack] = {}
        while todo or running:
            for stack in [one for one in todo.values() if done.issuperset(one.needs)]:
                running[pool.submit(_deploy, target, stack, left.get(stack.name, []), tell)] = todo.pop(stack.name)
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                stack = running.pop(future)
                if future.result():
                    written.append(stack)
                done.add(stack.name)
    return written


def _deploy(target: Target, stack: Stack, left: Sequence[Kept], tell: Tell) -> bool:
    """Bring one stack to what it should be; whether that needed a write."""
    pause = Pause(target)
    for attempt in range(ATTEMPTS):
        there = settled(target, stack.name, tell)
        if unchanged(target, stack, there):
            return False  # whoever was interrupted had finished it
        kind = "UPDATE" if there and there.status not in BEGUN else "CREATE"
        try:
            if left:
                if kind == "CREATE":
                    _take_over(target, stack, left, tell)
                kept.forget(target, stack.name)
                kind = "UPDATE"
            if kind == "UPDATE" and there and _answers_to_another(target, stack, there):
                tell(Event(stack.name, stack.name, "DELETE_IN_PROGRESS", MADE_ANEW))
                delete(target, stack.name)
                kind = "CREATE"
            return _write(target, stack, kind, tell)
        except ClientError as error:
            if attempt == ATTEMPTS - 1 or "_IN_PROGRESS state" not in str(error):
                raise
            pause.sleep()
    raise AssertionError("the last attempt returns or raises")


def _write(target: Target, stack: Stack, kind: str, tell: Tell) -> bool:
    client = target.client("cloudformation")
    name = f"lake-{stack.digest[:16]}-{_now()}"
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
        **target.acting,
    )
    change_set = _await_change_set(target, stack.name, name)
    if change_set is None:
        client.delete_change_set(StackName=stack.name, ChangeSetName=name)
        return False
    client.execute_change_set(StackName=stack.name, ChangeSetName=name)
    follow(target, stack.name, change_set["CreationTime"], tell)
    return True


def _answers_to_another(target: Target, stack: Stack, there: Deployed) -> bool:
    """Asked of datasets alone: their stacks hold nothing, and their tables stay when one is taken away."""
    if stack.room != "dataset":
        return False
    before = resources_of(document_of(target, stack.name), there.parameters)
    return answers_to_another(before, resources_of(read(stack.template.read_text()), stack.parameters))


def _take_over(target: Target, stack: Stack, left: Sequence[Kept], tell: Tell) -> None:
    """Begin the stack with what an earlier one of its name has left: the same buckets, tables and keys."""
    client = target.client("cloudformation")
    name = f"lake-import-{_now()}"
    tell(Event(stack.name, stack.name, "IMPORT_IN_PROGRESS", f"takes over {', '.join(one.physical for one in left)}"))
    client.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType="IMPORT",
        TemplateBody=kept.import_template(target, left),
        ResourcesToImport=kept.to_import(left),
        **target.acting,
    )
    change_set = _await_change_set(target, stack.name, name)
    assert change_set is not None, "an import always changes something"
    client.execute_change_set(StackName=stack.name, ChangeSetName=name)
    follow(target, stack.name, change_set["CreationTime"], tell)


def _now() -> int:
    """Milliseconds: one who was killed and begins again may do so within the second."""
    return time.time_ns() // 1_000_000


def _forget_failed_change_sets(client: Any, stack: str, kind: str) -> None:
    """A change set of an attempt that was cut short keeps nothing and would only pile up."""
    if kind == "CREATE":
        return
    for summary in client.list_change_sets(StackName=stack)["Summaries"]:
        if summary["Status"] == "FAILED":
            client.delete_change_set(StackName=stack, ChangeSetName=summary["ChangeSetName"])


def _await_change_set(target: Target, stack: str, name: str) -> Any | None:
    """The change set when it is ready; None when there is nothing to change."""
    client, pause = target.client("cloudformation"), Pause(target)
    while True:
        found = client.describe_change_set(StackName=stack, ChangeSetName=name)
        if found["Status"] == "CREATE_COMPLETE":
            return found
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates" in reason:
                return None
            raise Failure(f"{stack} cannot be deployed: {reason}")
        pause.sleep()
