"""The plan of a deployment: every stack that it would write or take away, and what that means."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from lakectl.failure import Failure
from lakectl.plan.backfill import Backfill
from lakectl.plan.contract import ContractChange
from lakectl.plan.permission import PermissionChange
from lakectl.plan.resource import ResourceChange
from lakectl.specs.name import nearest


@dataclass(frozen=True, slots=True)
class StackChange:
    """One stack. `notes` say what is unusual about it: how it was left, or what it takes over.
    `backfill`: what of a dataset's table was made by versions that say something else.

    `dollars` is the difference of what its resources cost a month for standing there.
    """

    name: str
    room: str
    owner: str
    action: Literal["add", "change", "remove"]
    resources: tuple[ResourceChange, ...] = ()
    permissions: tuple[PermissionChange, ...] = ()
    contract: ContractChange | None = None
    backfill: Backfill | None = None
    notes: tuple[str, ...] = ()
    dollars: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`stacks` counts those that the repository asks for; `changes` come in the order in which they are made.
    `orphans` stand, are asked for by nothing any more, and are left alone.
    """

    environment: str
    stacks: int
    changes: tuple[StackChange, ...]
    orphans: tuple[str, ...] = field(default=())

    @property
    def dollars(self) -> float:
        return round(sum(one.dollars for one in self.changes), 2)

    @property
    def names(self) -> dict[str, ResourceChange]:
        """Every changing resource, as options name it: `<stack>.<resource>`."""
        return {f"{stack.name}.{one.name}": one for stack in self.changes for one in stack.resources}

    def abandoned(self, allowed: Collection[str]) -> Iterator[tuple[str, ResourceChange]]:
        """What holds data and would be replaced or removed, unless it is allowed by name."""
        for name, one in self.names.items():
            if one.leaves_data and name not in allowed and one.name not in allowed:
                yield name, one


def check_allowed(plan: Plan, allowed: Collection[str]) -> None:
    """Raise Failure where the plan leaves data behind that was not named, or where a name stands for nothing."""
    candidates = {name: one.name for name, one in plan.names.items() if one.leaves_data}
    for name in allowed:
        if name not in candidates and name not in candidates.values():
            hint = nearest(name, candidates) if candidates else "Nothing that holds data is replaced."
            raise Failure(f"--allow-replacement {name}: this plan does not replace that. {hint}")
    refused = list(plan.abandoned(allowed))
    if refused:
        told = "\n".join(f"  {name} ({one.type}): {abandonment(one)}" for name, one in refused)
        allow = " ".join(f"--allow-replacement {name}" for name, _ in refused)
        raise Failure(
            f"This would leave data behind:\n{told}\n"
            f"Nothing was written. Take the change back, or, if that is meant, say {allow}"
        )


def check_contracts(plan: Plan) -> None:
    """Raise Failure where a registration would refuse to turn a table into what is declared."""
    refused = [one.contract.refusal for one in plan.changes if one.contract and one.contract.refusal]
    if refused:
        raise Failure("\n".join(refused))


def abandonment(one: ResourceChange) -> str:
    """In words, what becomes of the data of a resource that is replaced or removed."""
    fate = "stay in the old one, outside of the stack" if one.kept else "are lost"
    if one.action == "replace":
        return f"{one.because}; {one.holds} {fate}"
    return f"it is removed; {one.holds} {fate}"
