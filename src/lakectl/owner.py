"""Owners of stacks: the platform has all of them, a team its pipeline and its datasets, never its own room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lake.core.owner import PLATFORM
from lakectl.failure import Failure
from lakectl.specs.load import team_names
from lakectl.specs.name import nearest
from lakectl.stacks import Stack
from lakectl.target import Target


def acting_for(target: Target, owner: str | None) -> Target:
    """The target on which CloudFormation acts as this owner's deploy role; unchanged for nobody."""
    if owner is None:
        return target
    owners = [PLATFORM, *team_names(target.root)]
    if owner not in owners:
        raise Failure(f"No owner '{owner}'. {nearest(owner, owners)}")
    return replace(target, deploy_role=target.setting("deployer", owner, "role-arn"))


def owned_by(stacks: Sequence[Stack], owner: str | None) -> list[Stack]:
    """The stacks that an owner deploys; what they need of others stands already."""
    if owner in (None, PLATFORM):
        return list(stacks)
    mine = [stack for stack in stacks if stack.parameters.get("Team") == owner and stack.room != "team"]
    names = {stack.name for stack in mine}
    return [replace(stack, needs=tuple(one for one in stack.needs if one in names)) for stack in mine]
