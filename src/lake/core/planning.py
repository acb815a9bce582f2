"""Which versions a run publishes, which it leaves out, and which older rows it removes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lake.core.arrival import Arrival
from lake.core.batch import Batch
from lake.core.dataset import Dataset
from lake.core.entry import Entry
from lake.core.report import BatchReport
from lake.core.run import SourceVersion, Status

VISIBLE: tuple[Status, ...] = ("published", "nothing")
"""The ends of a run after which its versions count in the table."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged batch with its objects and what was found in them."""

    batch: Batch
    members: tuple[Arrival, ...]
    report: BatchReport

    @property
    def readable(self) -> list[Arrival]:
        """Its deletes, and its objects that could be read."""
        unread = {(one.key, one.sequencer) for one in self.report.objects if one.reason}
        return [one for one in self.members if (one.key, one.sequencer) not in unread]


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """What a run does about one key."""

    left_out: tuple[SourceVersion, ...] = ()
    removed: bool = False


def plan_key(
    entries: Sequence[Entry], ours: Mapping[str, Batch], others: Mapping[str, Batch], visible: set[str]
) -> KeyPlan:
    """`entries` are all versions of the key; `ours` the run's batches; `visible` the ids of runs that count.

    A version that is not staged yet displaces nothing: it may turn out unreadable, and has a run of its own.
    """
    staged = [one for one in entries if _displaces(one, ours, others)]
    newest = max(staged, key=lambda one: one.arrival.sequencer, default=None)
    left_out = tuple(
        SourceVersion(one.arrival.key, one.arrival.sequencer)
        for one in entries
        if one.batch in ours and one.arrival.kind == "put" and one.end != "rejected" and one != newest
    )
    if newest is not None and newest.batch not in ours:
        return KeyPlan(left_out)
    shown = any(_was_shown(one, others, visible) for one in entries if newest is None or _older(one, newest))
    again = any(ours[one.batch].generation > 1 for one in entries if one.batch in ours)
    return KeyPlan(left_out, again or (newest is not None and shown))


def _older(entry: Entry, newest: Entry) -> bool:
    return entry.arrival.sequencer < newest.arrival.sequencer


def _was_shown(entry: Entry, others: Mapping[str, Batch], visible: set[str]) -> bool:
    """Whether rows of this version may lie in the table.

    A delete after it proves nothing: its run may have left it out, because a newer version was staged already.
    """
    return entry.arrival.kind == "put" and entry.batch in others and others[entry.batch].run in visible


def _displaces(entry: Entry, ours: Mapping[str, Batch], others: Mapping[str, Batch]) -> bool:
    if entry.end in ("rejected", "ignored", "superseded"):
        return False
    batch = ours.get(entry.batch) or others.get(entry.batch)
    return batch is not None and batch.state in ("staged", "assigned")


def needs_history(dataset: Dataset, removed: Iterable[str]) -> bool:
    """Whether older files must be read again: to rebuild the table, or to find the row of a merged key that wins.

    That is the next-best one when rows leave, and with `delete_when` always: the table has forgotten the row that
    deleted its key, and an older row that arrives late must lose against it. Mode history forgets rows that said
    nothing new, which a late row may turn into versions.
    """
    table = dataset.table
    if dataset.derived or table.mode == "append":
        return False
    return table.mode in ("replace", "history") or bool(table.delete_when) or any(True for _ in removed)


def live(history: Sequence[Staged], ours: Sequence[Staged], left_out: Iterable[SourceVersion]) -> set[SourceVersion]:
    """The versions that count once this run is published, by what the batches themselves say."""
    gone = set(left_out)
    newest: dict[str, Arrival] = {}
    for staged in (*history, *ours):
        for one in staged.readable:
            if SourceVersion(one.key, one.sequencer) in gone:
                continue
            if one.key not in newest or newest[one.key].sequencer < one.sequencer:
                newest[one.key] = one
    return {SourceVersion(one.key, one.sequencer) for one in newest.values() if one.kind == "put"}


def dead(history: Sequence[Staged], alive: set[SourceVersion]) -> tuple[SourceVersion, ...]:
    """The versions in older files that do not count any more."""
    versions = {
        SourceVersion(one.key, one.sequencer) for staged in history for one in staged.readable if one.kind == "put"
    }
    return tuple(sorted(versions - alive, key=lambda one: (one.key, one.sequencer)))


BYTES_OF_A_WORKER = 2 * 1024**3


def workers_for(size: int, least: int, most: int) -> int:
    """Workers of a run that reads so many bytes: the least, and one more for every 2 GB, up to the most."""
    return max(least, min(most, least + size // BYTES_OF_A_WORKER))
