"""How stacks stand, and what is done about one that an earlier deployment left in between.

Statuses: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from lakectl.failure import Failure
from lakectl.lint.document import read
from lakectl.pause import Pause
from lakectl.stacks import Stack
from lakectl.target import Target

DIGEST_TAG = "lake:digest"
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
UNDONE = "UPDATE_ROLLBACK_COMPLETE"
BEGUN = ("REVIEW_IN_PROGRESS",)
"""A change set was made for a stack that does not exist yet, and nobody executed it."""
GONE_SOON = ("ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS")
"""Nothing of it will be left when the next deployment begins."""
STUCK = "UPDATE_ROLLBACK_FAILED"
EXPLAINED = {
    "CREATE_FAILED": "its creation failed and was not undone",
    "ROLLBACK_FAILED": "its creation failed, and what had been made could not be taken away",
    "UPDATE_FAILED": "an update failed and was not undone",
    "DELETE_FAILED": "it was to be deleted, and a resource could not be",
    "IMPORT_ROLLBACK_FAILED": "it was to take resources over, which failed and could not be undone",
}


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
    """A stack as it stands, the digest of the template and parameters that made it so, its room."""

    status: str
    digest: str
    room: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def deployed(target: Target) -> dict[str, Deployed]:
    """All stacks of this domain and environment."""
    pages = target.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {
        stack["StackName"]: _deployed(stack)
        for page in pages
        for stack in page["Stacks"]
        if _ours(target, stack["StackName"], _tags(stack))
    }


def find(target: Target, name: str) -> Deployed | None:
    """One stack; None where there is none of that name."""
    try:
        return _deployed(target.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None


def unchanged(target: Target, stack: Stack, there: Deployed | None) -> bool:
    """Whether a stack stands as it should. One whose last update was undone is looked at: its tags may be too new."""
    if there is None or there.digest != stack.digest:
        return False
    if there.status == UNDONE:
        same = {name: there.parameters.get(name) for name in stack.parameters} == dict(stack.parameters)
        return same and body_of(target, stack.name) == stack.template.read_text(encoding="utf-8")
    return there.status in GOOD


def body_of(target: Target, name: str) -> str | Mapping[str, Any]:
    """The template of a stack as it was given."""
    client = target.client("cloudformation")
    body: str | Mapping[str, Any] = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return body


def document_of(target: Target, name: str) -> Mapping[str, Any]:
    """The same, read."""
    body = body_of(target, name)
    return read(body) if isinstance(body, str) else body


def settled(target: Target, name: str, tell: Tell) -> Deployed | None:
    """Wait for what is under way in a stack, and bring it to where it can be changed; None where nothing stands.

    A creation that was undone leaves an empty stack, which is deleted. An update that could not be undone is tried to
    be undone once more. Raises Failure for what only a person can mend.
    """
    client = target.client("cloudformation")
    continued = False
    while True:
        there = awaited(target, name, tell)
        if there is None or there.status in (*GOOD, *BEGUN, UNDONE, "IMPORT_ROLLBACK_COMPLETE"):
            return there
        if there.status == "ROLLBACK_COMPLETE":
            tell(Event(name, name, "DELETE_IN_PROGRESS", "its first creation had failed"))
            delete(target, name)
        elif there.status == STUCK and not continued:
            tell(Event(name, name, "UPDATE_ROLLBACK_IN_PROGRESS", "its last update could not be undone; trying again"))
            client.continue_update_rollback(StackName=name, **target.acting)
            continued = True
        else:
            raise Failure(_advice(target, name, there.status))


def awaited(target: Target, name: str, tell: Tell | None = None) -> Deployed | None:
    """A stack once nothing is under way in it; None where none of that name stands."""
    waited, pause = False, Pause(target)
    while True:
        there = find(target, name)
        if there is None or there.status in BEGUN or not there.status.endswith("_IN_PROGRESS"):
            return there
        if tell and not waited:
            tell(Event(name, name, there.status, "goes on from an earlier deployment; waiting for its end"))
        waited = True
        pause.sleep()


def delete(target: Target, name: str) -> None:
    """Delete a stack and wait until it is gone. Raises Failure with the resource that could not be."""
    client = target.client("cloudformation")
    try:
        identifier = client.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return
    client.delete_stack(StackName=name, **target.acting)
    pause = Pause(target)
    while True:
        status = client.describe_stacks(StackName=identifier)["Stacks"][0]["StackStatus"]
        if status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED":
            raise Failure(_advice(target, name, status))
        pause.sleep()


def follow(target: Target, stack: str, since: datetime, tell: Tell) -> None:
    """Tell every event from then on until nothing is under way. Raises Failure unless it ended well."""
    client = target.client("cloudformation")
    seen: set[str] = set()
    failed: list[Event] = []
    pause = Pause(target)
    while True:
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        for event in _events(client, stack, since, seen):
            tell(event)
            if event.status.endswith("_FAILED") and "cancelled" not in event.reason.lower():
                failed.append(event)
        if not status.endswith("_IN_PROGRESS"):
            break
        pause.sleep()
    if status not in GOOD:
        first = next(iter(failed), Event(stack, stack, status, "see the stack's events"))
        raise Failure(f"{stack} ended as {status}. First to fail: {first.resource}: {first.reason}")


def _deployed(stack: Mapping[str, Any]) -> Deployed:
    tags = _tags(stack)
    said = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
    return Deployed(stack["StackStatus"], tags.get(DIGEST_TAG, ""), tags.get("lake:room", ""), said, tags)


def _tags(stack: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}


def _ours(target: Target, name: str, tags: Mapping[str, str]) -> bool:
    """By name; tags tell `lake-dev-2-…` of environment dev-2 from a stack of dev. A stack that is begun has none."""
    said = (tags.get("lake:domain", target.domain), tags.get("lake:environment", target.environment))
    return name.startswith(f"{target.prefix}-") and said == (target.domain, target.environment)


def _events(client: Any, stack: str, since: datetime, seen: set[str]) -> Iterator[Event]:
    page = client.describe_stack_events(StackName=stack)["StackEvents"]
    for event in reversed(page):
        if event["EventId"] not in seen and event["Timestamp"] >= since:
            seen.add(event["EventId"])
            reason = event.get("ResourceStatusReason", "")
            yield Event(stack, event["LogicalResourceId"], event["ResourceStatus"], reason)


def _advice(target: Target, name: str, status: str) -> str:
    page = target.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    failed = next((one for one in page if one["ResourceStatus"].endswith("_FAILED") and _is_resource(one, name)), None)
    where = f" {failed['LogicalResourceId']}: {failed.get('ResourceStatusReason', '')}" if failed else ""
    if status == STUCK:
        skipped = failed["LogicalResourceId"] if failed else "RESOURCE"
        return (
            f"{name} is {status}: an update failed, and it could not be undone, twice.{where} Mend that resource and "
            f"deploy again, or leave it as it is: aws cloudformation continue-update-rollback --stack-name {name} "
            f"--resources-to-skip {skipped}"
        )
    why = EXPLAINED.get(status, "this is a state that a deployment cannot go on from")
    return f"{name} is {status}: {why}.{where} Remove what hinders, then `lake destroy {name}`, then deploy again."


def _is_resource(event: Mapping[str, Any], stack: str) -> bool:
    return bool(event["LogicalResourceId"] != stack)
