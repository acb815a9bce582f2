"""What CloudFormation asks for one resource of a stack, made from the table and the resource's properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lakelocal.inside import demanded_connections
from lakelocal.inside.demanded_connections import values
from lakelocal.inside.demanded_roles import passing
from lakelocal.inside.provisioning_needs import ANYTHING, CHANGED, OTHERWISE_CHANGED, REMOVED, TYPES, Needs
from lakelocal.inside.request import Demand

Properties = dict[str, Any]
REFERENCE = re.compile(r"\{\{resolve:ssm(?:-secure)?:(?P<name>[^:}]+)(?::\d+)?\}\}")


def of_creation(
    kind: str, logical_id: str, properties: Properties, stack: str, region: str, account: str
) -> Iterator[Demand]:
    """The demands of making a resource; one without a name gets the stack's and its own, and something random."""
    if _is_custom(kind):
        yield Demand("lambda:InvokeFunction", str(properties.get("ServiceToken")))
        return
    needs = _needs_of(kind)
    more = [action for name in properties for action in needs.properties.get(name, ())]
    made_up = f"{stack}-{logical_id}-" if needs.name else "*"
    yield from _on_itself(needs, [*needs.create, *more], properties, made_up, region, account)
    yield from _passes(needs, properties, account)
    yield from _fetches(needs, properties)


def of_update(
    kind: str, physical_id: str, old: Properties, new: Properties, region: str, account: str
) -> Iterator[Demand]:
    """The demands of changing a resource where it stands."""
    if _is_custom(kind):
        yield Demand("lambda:InvokeFunction", str(new.get("ServiceToken")))
        return
    needs = _needs_of(kind)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    more = [action for name in changed for action in (*needs.properties.get(name, ()), *CHANGED.get((kind, name), ()))]
    alone, otherwise = OTHERWISE_CHANGED.get(kind, ("", ""))
    more += [otherwise] if otherwise and set(changed) - {alone} else []
    yield from _on_itself(needs, [*needs.update, *more], new, physical_id, region, account)
    yield from _passes(needs, new, account)
    yield from _fetches(needs, {name: new[name] for name in changed if name in new})


def of_deletion(kind: str, physical_id: str, properties: Properties, region: str, account: str) -> Iterator[Demand]:
    """The demands of deleting a resource."""
    if _is_custom(kind):
        yield Demand("lambda:InvokeFunction", str(properties.get("ServiceToken")))
        return
    needs = _needs_of(kind)
    more = [action for name, actions in REMOVED.get(kind, {}).items() if properties.get(name) for action in actions]
    yield from _on_itself(needs, [*needs.delete, *more], properties, physical_id, region, account)


def reference_demand(literal: str, region: str, account: str) -> Demand | None:
    """What resolving a reference to a parameter asks for; None for a reference to anything else."""
    found = REFERENCE.fullmatch(literal)
    if found is None:
        return None
    return Demand("ssm:GetParameters", f"arn:aws:ssm:{region}:{account}:parameter/{found['name'].lstrip('/')}")


def _is_custom(kind: str) -> bool:
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def _needs_of(kind: str) -> Needs:
    if kind not in TYPES:
        raise ValueError(
            f"The local cloud does not know what provisioning {kind} as a role asks for: "
            "deploy it as the account's root, or add the type to provisioning_needs.py."
        )
    return TYPES[kind]


def _names(properties: Properties, needs: Needs, otherwise: str) -> list[str]:
    """What `{name}` stands for: the name that the properties give, else the physical id or what is made up."""
    found: Any = properties
    for part in needs.name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    given = found if isinstance(found, list) else [found or otherwise]
    return [_plain(str(name)) for name in given]


def _plain(name: str) -> str:
    """A queue is known by its URL; everything else by its name or its ARN."""
    return name.rsplit("/", 1)[-1] if name.startswith("http") else name


def _on_itself(
    needs: Needs, actions: list[str], properties: Properties, otherwise: str, region: str, account: str
) -> Iterator[Demand]:
    texts = {name: value for name, value in properties.items() if isinstance(value, str)}
    tags = properties.get("Tags")
    context: dict[str, object] = {
        f"aws:resourcetag/{one['Key']}": one["Value"] for one in (tags if isinstance(tags, list) else ())
    }
    if "PermissionsBoundary" in texts:
        context["iam:permissionsboundary"] = texts["PermissionsBoundary"]
    if "EventSourceArn" in texts:
        function = str(texts.get("FunctionName")).rpartition(":function:")[2]
        context["lambda:functionarn"] = f"arn:aws:lambda:{region}:{account}:function:{function}"
    for tag in properties.get("Tags") or []:
        if isinstance(tag, dict):
            context |= {f"aws:{of}tag/{tag.get('Key')}": tag.get("Value") for of in ("request", "resource")}
    for action in dict.fromkeys(actions):
        if action.endswith(ANYTHING):
            yield Demand(action.removesuffix(ANYTHING), "*", context)
            continue
        for name in _names(properties, needs, otherwise):
            for arn in [name] if name.startswith("arn:") else needs.arn:
                found = arn.format_map({**texts, "region": region, "account": account, "name": name})
                yield Demand(action, found.replace(":parameter//", ":parameter/"), context)


def _passes(needs: Needs, properties: Properties, account: str) -> Iterator[Demand]:
    for path, principal in needs.passes.items():
        for role in values(properties, path.split(".")):
            yield passing(str(role), principal, account)
    for arn in values(properties, needs.lends.split(".")) if needs.lends else ():
        yield demanded_connections.passing(str(arn))


def _fetches(needs: Needs, properties: Properties) -> Iterator[Demand]:
    for name in needs.fetches:
        place = properties.get(name) or {}
        bucket, key = place.get("S3Bucket") or place.get("Bucket"), place.get("S3Key") or place.get("Key")
        if bucket and key:
            yield Demand("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
