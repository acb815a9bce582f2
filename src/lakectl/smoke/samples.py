"""The trials that are due, several at a time, and the notes of what has passed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby

from lakectl.compile import Compiled
from lakectl.failure import Failure
from lakectl.samples.sample import sample_of
from lakectl.smoke.choice import chosen, keep, note_of, passed, route_of
from lakectl.smoke.removal import left_over, take_out
from lakectl.smoke.trial import Trial, tried
from lakectl.stack_status import Deployed
from lakectl.target import Target

PARALLEL, PARALLEL_HERE = 8, 2
"""Trials at a time on AWS, where each waits for a job to start, and on a laptop, which has to do the work."""


def trials(
    target: Target,
    every: Sequence[Compiled],
    stacks: Mapping[str, Deployed],
    now: datetime,
    mark: Callable[[], str],
    closed: Collection[str] = (),
) -> Iterator[Trial]:
    """Try what is due of these datasets, each as it ends. First goes what an earlier verification left lying, and
    branches of pull requests that are closed, or were forgotten.
    """
    by_team = sorted(every, key=lambda one: one.name)
    for team, many in groupby(by_team, key=lambda one: one.team):
        for double in list(left_over(target, team, now, closed)):
            take_out(target, team, double)
        note, route = note_of(target, team), route_of(stacks, target.prefix, team)
        due = chosen(list(many), note, route)
        good = True
        with ThreadPoolExecutor(at_a_time(target)) as pool:
            for trial in pool.map(lambda one: try_one(target, one, mark()), due):
                good = good and not trial.trouble
                yield trial
        if due and good:
            keep(target, team, passed(note, route, due))


def at_a_time(target: Target) -> int:
    return PARALLEL_HERE if target.local else PARALLEL


def try_one(target: Target, one: Compiled, mark: str, *, keep: bool = False) -> Trial:
    """Send a dataset's sample through its double, which is kept if that is wanted and went well."""
    try:
        sample = sample_of(target.root, one.value(), {})
    except Failure as wrong:
        return Trial(one.name, "", trouble=str(wrong))
    assert sample.dropped is not None, "a dataset that takes objects has a file to drop"
    return tried(target, one, sample.dropped, len(sample.expected), mark, keep=keep)
