"""When a dataset is due for a run, and what that run takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from lake.core.batch import Batch
from lake.core.dataset import Trigger
from lake.core.run import Run, run_id

Reason = Literal["batch", "timer", "input", "asked"]

MOST_ATTEMPTS = 3
"""A run that failed so often waits for a person."""

MOST_OBJECTS = 20_000
"""One run takes no more, so that its plan fits in one function call; the rest is the next run's."""

LONGEST_DELAY = 900
"""SQS delays a message by at most 15 minutes; the five-minute rule covers what is longer."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reason for a run: a staged batch, or an input table that has published (`id` then starts with `input#`).

    The note of a batch names its generation, so that who forgets the note of one does not forget that of the next.
    """

    id: str
    objects: int
    at: datetime
    staged_at: datetime

    @property
    def is_input(self) -> bool:
        return self.id.startswith("input#")

    @property
    def batch(self) -> str:
        """The batch's id."""
        return self.id.partition(".")[0]


def note_of(batch: Batch) -> str:
    """The id of what a generation of a batch waits under; the first has the batch's own, as in the first release."""
    return batch.id if batch.generation == 1 else f"{batch.id}.{batch.generation}"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a dataset's runs stand: `runs` were started, `active` is the id of the one that goes on, or ""."""

    runs: int = 0
    active: str = ""
    execution: str = ""
    active_since: datetime | None = None
    halted: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`start` a run now, or come back after `wait` seconds; without both there is nothing to do, for `reason`."""

    start: bool
    wait: int = 0
    reason: str = ""


def verdict(
    waiting: Sequence[Waiting], head: Head, failed: Run | None, trigger: Trigger, reason: Reason, now: datetime
) -> Verdict:
    """Whether a run starts now. `failed` is the last run where its attempt failed, for it goes before all others."""
    if head.active:
        return Verdict(False, reason=f"run {head.active} is active")
    if head.halted and reason != "asked":
        return Verdict(False, reason=f"halted: {head.halted}")
    if failed is not None:
        left = 0 if reason == "asked" else _seconds_until(again_at(failed), now)
        return Verdict(left == 0, left, f"run {failed.id} failed and waits for its next attempt")
    if not waiting:
        return Verdict(False, reason="nothing waits")
    if reason == "asked" or any(one.is_input for one in waiting):
        return Verdict(True, reason=reason)
    if sum(one.objects for one in waiting) >= trigger.max_objects:
        return Verdict(True, reason=f"{trigger.max_objects} objects wait")
    oldest = min(one.staged_at for one in waiting)
    left = _seconds_until(oldest + timedelta(seconds=trigger.max_wait), now)
    if left == 0:
        return Verdict(True, reason=f"the oldest batch waited {trigger.max_wait} s")
    return Verdict(False, min(left, LONGEST_DELAY), f"the oldest batch is due in {left} s")


def again_at(failed: Run) -> datetime:
    """When a failed run tries again by itself: one minute for each attempt that it has behind it."""
    return (failed.ended_at or failed.started_at) + timedelta(minutes=failed.attempt)


def _seconds_until(then: datetime, now: datetime) -> int:
    return max(0, ceil((then - now).total_seconds()))


def taken(batches: Sequence[Batch], most_objects: int = MOST_OBJECTS) -> list[str]:
    """The ids of the staged batches that one run takes: the oldest first, at least one of them."""
    chosen: list[str] = []
    objects = 0
    for batch in sorted((one for one in batches if one.state == "staged"), key=lambda one: (one.at, one.id)):
        if chosen and objects + batch.objects > most_objects:
            break
        chosen.append(batch.id)
        objects += batch.objects
    return chosen


def next_head(head: Head, run: Run, now: datetime) -> Head:
    """The head when `run` is the one that goes on: a new number, or the next attempt of the last."""
    return Head(max(head.runs, run.number), run.id, run.execution_name, now)


def released(head: Head, run: Run) -> Head:
    """The head when `run` has ended: halted where only a person can help."""
    return Head(head.runs, halted=_halted_by(run))


def _halted_by(run: Run) -> str:
    if run.status == "halted":
        return f"run {run.id} was halted: {run.message}"[:500]
    if run.status == "failed" and run.attempt >= MOST_ATTEMPTS:
        return f"run {run.id} failed {run.attempt} times, at last: {run.message}"[:500]
    return ""


def last_run_id(head: Head) -> str:
    return run_id(head.runs) if head.runs else ""
