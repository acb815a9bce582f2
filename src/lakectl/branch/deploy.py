"""Bring a branch to what the files say: a double of each dataset that differs from the environment, with its sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lakectl.branch.name import mark_of
from lakectl.branch.standing import Twin, standing
from lakectl.compile import Compiled
from lakectl.smoke.double import double_of
from lakectl.smoke.removal import take_out
from lakectl.smoke.samples import at_a_time, try_one
from lakectl.smoke.trial import Trial
from lakectl.stack_status import Deployed, deployed
from lakectl.target import Target


def different(every: Sequence[Compiled], stacks: Mapping[str, Deployed]) -> list[Compiled]:
    """The datasets that are not deployed as they are here."""
    there = {stack.parameters.get("CompiledKey") for stack in stacks.values() if stack.room == "dataset"}
    return [one for one in every if one.artifact_key not in there]


def bring(target: Target, number: str, every: Sequence[Compiled]) -> Iterator[Trial]:
    """What became of each dataset, as it ends; one that stands as it is here is left alone.

    What differs no more is taken out, and so is what failed: a branch has no half of anything.
    """
    wanted = [one for one in different(every, deployed(target)) if not one.derived]
    doubles = {one.name: double_of(one, mark_of(number)) for one in wanted}
    there = {one.name: one for one in standing(target, number)}
    for name, twin in there.items():
        if name not in doubles or twin.digest != doubles[name].digest:
            take_out(target, twin.team, twin.double)
            if name not in doubles:
                yield Trial(name, "", "is as in the environment again, and taken out")
    due = [one for one in wanted if one.name not in there or there[one.name].digest != doubles[one.name].digest]
    yield from (Trial(one.name, "", "stands as it is here") for one in wanted if one not in due)
    with ThreadPoolExecutor(at_a_time(target)) as pool:
        yield from pool.map(lambda one: try_one(target, one, mark_of(number), keep=True), due)


def take_away(target: Target, number: str) -> list[Twin]:
    """Take all of a branch out; what that was."""
    there = standing(target, number)
    for twin in there:
        take_out(target, twin.team, twin.double)
    return there
