"""What somebody changed by hand: resources that are no longer as their stack made them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lakectl.failure import Failure
from lakectl.pause import Pause
from lakectl.stack_status import Event, Tell
from lakectl.target import Target

DETECTABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html"""
PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Drift:
    """One resource: what its stack said, and what is there, place by place; none where the resource is gone."""

    stack: str
    resource: str
    type: str
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.stack}.{self.resource}"

    def told(self) -> str:
        return f"{self.name} ({self.type}): {'; '.join(self.differences) or 'it is gone'}"


def drift_of(target: Target, stacks: Sequence[str], tell: Tell | None = None) -> list[Drift]:
    """All drift in these stacks, which must be in a status that CloudFormation can look at.

    Where it could not look at every resource, for want of a permission to read, that is told.
    """

    def look(stack: str) -> list[Drift]:
        return list(_drift_in(target, stack, tell))

    with ThreadPoolExecutor(PARALLEL) as pool:
        return [one for found in pool.map(look, stacks) for one in found]


def check_allowed(drift: Iterable[Drift], allowed: Collection[str]) -> None:
    """Raise Failure where a deployment would overwrite what was changed by hand, unless it was named."""
    refused = [one for one in drift if not {one.name, one.resource, one.stack} & set(allowed)]
    if refused:
        told = "\n".join(f"  {one.told()}" for one in refused)
        allow = " ".join(f"--overwrite-drift {one.name}" for one in refused)
        raise Failure(
            f"Somebody changed by hand what this would write:\n{told}\n"
            f"Nothing was written. Bring the change into the template, or let it be overwritten: {allow}"
        )


def _drift_in(target: Target, stack: str, tell: Tell | None) -> Iterator[Drift]:
    client = target.client("cloudformation")
    detection = client.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    pause = Pause(target)
    while True:
        found = client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        pause.sleep()
    if found["DetectionStatus"] == "DETECTION_FAILED" and tell:
        tell(Event(stack, stack, "DRIFT_DETECTION_FAILED", found.get("DetectionStatusReason", "")))
    if found.get("StackDriftStatus") != "DRIFTED":
        return
    asked: dict[str, Any] = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    while True:
        page = client.describe_stack_resource_drifts(**asked)
        for one in page["StackResourceDrifts"]:
            told = (_told(each) for each in one.get("PropertyDifferences", ()))
            yield Drift(stack, one["LogicalResourceId"], one["ResourceType"], tuple(told))
        if "NextToken" not in page:
            return
        asked["NextToken"] = page["NextToken"]


def _told(difference: dict[str, str]) -> str:
    place = difference["PropertyPath"].lstrip("/").replace("/", ".")
    expected, actual = difference.get("ExpectedValue"), difference.get("ActualValue")
    if difference["DifferenceType"] == "ADD":
        return f"{place} is {actual}, which nobody declared"
    if difference["DifferenceType"] == "REMOVE":
        return f"{place} is gone, it was {expected}"
    return f"{place} is {actual}, not {expected}"
