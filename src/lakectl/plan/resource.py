"""What becomes of the resources of one stack: added, changed in place, replaced by a new one, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lakectl.plan.difference import Difference, differences
from lakectl.plan.provider import Updates, touches, updates_of
from lakectl.plan.template import Resource, references

Action = Literal["add", "change", "replace", "remove"]

HOLDS: Mapping[str, str] = {
    "AWS::S3::Bucket": "objects",
    "AWS::DynamoDB::Table": "items",
    "AWS::Glue::Database": "tables",
    "AWS::Glue::Table": "rows",
    "AWS::KMS::Key": "whatever it encrypted",
    "AWS::EC2::VPC": "addresses of functions and jobs",
    "AWS::Kinesis::Stream": "records",
    "AWS::Logs::LogGroup": "log lines",
    "AWS::SQS::Queue": "messages that wait",
}
"""Types that are more than their template: what is lost with them."""
ALWAYS_NEW: Mapping[str, str] = {
    "AWS::Lambda::Version": "a version never changes, so a new one is published; the one before stays",
}
"""Types that are made to be replaced, and why that frightens nobody."""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource. `because` says why it is replaced; `kept`: the old one goes on existing outside of its stack."""

    name: str
    type: str
    action: Action
    differences: tuple[Difference, ...] = ()
    because: str = ""
    kept: bool = False

    @property
    def holds(self) -> str:
        """What it holds that no template brings back; "" for nothing."""
        return HOLDS.get(self.type, "")

    @property
    def leaves_data(self) -> bool:
        """Whether the lake would go on without data that it has now: lost, or in a resource that it left behind."""
        return bool(self.holds) and (self.action == "replace" or (self.action == "remove" and not self.kept))


def resource_changes(
    before: Mapping[str, Resource], after: Mapping[str, Resource], region: str
) -> tuple[ResourceChange, ...]:
    """In the order of the new template; what it lacks comes last."""
    changes = {
        name: ResourceChange(name, one.type, "add") if name not in before else _change(before[name], one, region)
        for name, one in after.items()
    }
    _follow_replacements(changes, after, region)
    gone = (one for name, one in before.items() if name not in after)
    removed = [ResourceChange(one.name, one.type, "remove", kept=one.retained) for one in gone]
    return (*(one for one in changes.values() if one is not None), *removed)


def _change(before: Resource, after: Resource, region: str) -> ResourceChange | None:
    kept = after.replacement.startswith("Retain")
    if before.type != after.type:
        because = f"its type was {before.type}. CloudFormation refuses that: give the new one another name"
        return ResourceChange(after.name, after.type, "replace", because=because, kept=kept)
    found = list(differences(before.properties, after.properties))
    found += differences(before.deletion, after.deletion, ("DeletionPolicy",))
    found += differences(before.replacement, after.replacement, ("UpdateReplacePolicy",))
    if not found:
        return None
    because = _replaced_by(updates_of(after.type, region), (one.path for one in found))
    because = ALWAYS_NEW.get(after.type, because) if because and kept else because
    action: Action = "replace" if because else "change"
    return ResourceChange(after.name, after.type, action, tuple(found), because, kept and bool(because))


def _replaced_by(updates: Updates, paths: Iterable[tuple[str, ...]]) -> str:
    """Why a change at these places makes a new resource; "" where it does not."""
    for path in paths:
        if touches(path, updates.replaces):
            return f"{path[0]} can only be set when it is made"
        if touches(path, updates.may_replace):
            return f"a change of {path[0]} may replace it"
    return ""


def _follow_replacements(changes: dict[str, ResourceChange | None], after: Mapping[str, Resource], region: str) -> None:
    """What refers to a replaced resource changes too, and is replaced itself where it cannot be told another name."""
    while True:
        replaced = {name for name, one in changes.items() if one is not None and one.action == "replace"}
        todo = [
            (resource, place, target)
            for name, resource in after.items()
            if name not in replaced and not _is_added(changes[name])
            for place, value in resource.properties.items()
            for target in sorted(set(references(value)) & replaced)
        ]
        news = [_touch(changes, resource, place, target, region) for resource, place, target in todo]
        if True not in news:
            return


def _is_added(change: ResourceChange | None) -> bool:
    return change is not None and change.action == "add"


def _touch(changes: dict[str, ResourceChange | None], resource: Resource, place: str, target: str, region: str) -> bool:
    """Note that a property names a replaced resource; whether that is news."""
    old = changes[resource.name] or ResourceChange(resource.name, resource.type, "change")
    told = Difference((place,), f"the old {target}", f"the new {target}")
    if old.action == "replace" or told in old.differences:
        return False
    because = _replaced_by(updates_of(resource.type, region), [told.path])
    action: Action = "replace" if because else "change"
    kept = bool(because) and resource.replacement.startswith("Retain")
    changes[resource.name] = replace(
        old, action=action, differences=(*old.differences, told), because=because, kept=kept
    )
    return True
