"""Owners of stacks: the platform has all of them, a team its pipeline and its datasets, never its own room.

What a team with a repository of its own has is that team's alone: the platform's commit does not know it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from lake.core.owner import PLATFORM
from lakectl.failure import Failure
from lakectl.specs.load import team_names
from lakectl.specs.name import nearest
from lakectl.stacks import Stack
from lakectl.target import Target


def check_owner(root: Path, owner: str | None) -> None:
    """Raise Failure for an owner who is neither the platform nor a team."""
    owners = [PLATFORM, *team_names(root)]
    if owner is not None and owner not in owners:
        raise Failure(f"No owner '{owner}'. {nearest(owner, owners)}")


def acting_for(target: Target, owner: str | None) -> Target:
    """The target on which CloudFormation acts as this owner's deploy role; unchanged for nobody."""
    if owner is None:
        return target
    check_owner(target.root, owner)
    return replace(target, deploy_role=target.setting("deployer", owner, "role-arn"))


def owned_by(stacks: Sequence[Stack], owner: str | None, apart: Collection[str] = ()) -> list[Stack]:
    """The stacks that an owner deploys; what they need of others stands already.

    Raises Failure where datasets of a team that is apart lie in the platform's repository as well.
    """
    if owner in (None, PLATFORM):
        theirs = {one.name: one for one in stacks if one.parameters.get("Team") in apart and one.room != "team"}
        for one in theirs.values():
            _check_absent(one)
        return [one for one in stacks if one.name not in theirs]
    mine = [stack for stack in stacks if stack.parameters.get("Team") == owner and stack.room != "team"]
    names = {stack.name for stack in mine}
    return [replace(stack, needs=tuple(one for one in stack.needs if one in names)) for stack in mine]


def _check_absent(stack: Stack) -> None:
    if stack.room == "dataset":
        team, dataset = stack.parameters["Team"], stack.parameters["Dataset"]
        raise Failure(
            f"datasets/{team}/{dataset} lies here, but team/{team}.yaml names a repository of the team's own. "
            f"Move datasets/{team} to that repository, or leave `repository` out."
        )
