"""What is written to a pull request: how its check ended, and what deploying it would do."""

from __future__ import annotations

from dataclasses import dataclass

from lake.core.errors import LakeError
from lake.core.owner import PLATFORM
from lakectl.deployment import blueprint_for
from lakectl.failure import Failure
from lakectl.owner import owned_by
from lakectl.plan.make import plan_for
from lakectl.plan.node import Node, markdown, tree_of
from lakectl.plan.plan import check_allowed, check_contracts
from lakectl.stacks import stacks_of
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Proposal:
    """Markdown. The comment begins with `mark`, by which it is found again; `refused` says that it cannot deploy."""

    mark: str
    text: str
    refused: bool


def proposed(target: Target, number: str, commit: str, checked: str) -> Proposal:
    """The plan of the files that are here, for an environment as it stands now. `checked`: 1, 0, or "" for unknown."""
    node, refusal = _planned(target)
    ends = {"1": "its check passed", "0": f"its check failed, and `lake pull-request logs {number}` shows why"}
    said = [f"{commit[:8] or 'the files here'}: {ends.get(checked, 'not checked')}.", "", markdown(node).rstrip()]
    if refusal:
        said += ["", markdown(refusal).rstrip()]
    return Proposal(f"**lake plan, {target.environment}** ", "\n".join(said), refusal is not None)


def _planned(target: Target) -> tuple[Node, Node | None]:
    """The plan, and what `lake deploy` would refuse of it."""
    try:
        blueprint = blueprint_for(target)
        plan = plan_for(target, blueprint, owned_by(stacks_of(blueprint), PLATFORM, blueprint.lake.apart))
    except (Failure, LakeError) as failure:
        return Node(f"{target.environment}: no plan"), _refusal(failure)
    try:
        check_allowed(plan, ())
        check_contracts(plan)
    except Failure as failure:
        return tree_of(plan), _refusal(failure)
    return tree_of(plan), None


def _refusal(failure: Exception) -> Node:
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    return Node("lake deploy would refuse it", "!", tuple(Node(line) for line in lines))
