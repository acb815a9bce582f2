"""What of a published table was made by older versions of its dataset, and would come out differently if made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lake.core.batch import Batch
from lake.core.planning import VISIBLE
from lake.core.run import Run
from lake.gateways.ledger import Ledger
from lake.gateways.registry import Registry, UnknownDataset
from lakectl.plan.contract import publishing_changes, staging_changes

Entry = Mapping[str, Any]
Changes = Callable[[Entry, Entry], list[str]]


STAYS = (
    "new objects come by the new version, the others stay as they are: "
    "on the laptop `lake invoke StageA --replay BATCH` stages a batch again; "
    "`lake replay` and `lake backfill`, which would do that for all of them, are not built"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Batches with all their objects, those that a newer version has won over since included."""

    batches: int = 0
    objects: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Backfill:
    """`again` is what would be made again of what is `published`; `staged_otherwise` batches of it from raw on.

    `first` and `last` are the days on which its objects arrived. `waiting` batches were made with an older version and
    are not published yet. `runs` are, for a table of tables, the published runs of an older version. `next_run`: the
    next run makes every row anew, and only what is staged otherwise stays. `lost` are versions that the registry has no
    more; what they made counts as different. `unread` says why nothing is known.
    """

    published: Amount = Amount()
    again: Amount = Amount()
    staged_otherwise: int = 0
    waiting: int = 0
    runs: int = 0
    first: str = ""
    last: str = ""
    next_run: bool = False
    lost: tuple[str, ...] = ()
    unread: str = ""

    @property
    def empty(self) -> bool:
        return not (self.again.batches or self.waiting or self.runs or self.unread)


def backfill_of(ledger: Ledger, registry: Registry, path: str, after: Entry) -> Backfill:
    """Two queries of the ledger, and one look into the registry for each older version that is still in use."""
    runs = {run.id: run for run in ledger.runs.newest(path)}
    batches = ledger.batches.all(path)
    visible = [run for run in runs.values() if run.status in VISIBLE]
    in_use = {one.config for one in batches} | {one.config for one in visible}
    versions = {digest: _version(registry, path, digest) for digest in sorted(in_use - {str(after["digest"])})}
    staged, shown = _differing(versions, after, staging_changes), _differing(versions, after, publishing_changes)
    replaced = after["table"]["mode"] == "replace"
    newest = [run for run in visible if run.status == "published"][:1]
    lost = tuple(digest for digest, entry in versions.items() if entry is None)
    if after["source"]["kind"] == "tables":
        older = [run for run in (newest if replaced else visible) if run.config in staged | shown]
        return Backfill(runs=len(older), next_run=replaced and bool(older), lost=lost)
    published = [one for one in batches if _is_visible(one, runs)]
    from_raw = [one for one in published if one.config in staged]
    all_by = newest[0].config if replaced and newest else ""  # a table that is replaced is made whole by its newest run
    again = [one for one in published if one.config in staged or (all_by or runs[one.run].config) in shown]
    days = sorted(one.ingest_date.isoformat() for one in again) or [""]
    return Backfill(
        published=_amount(published),
        again=_amount(again),
        staged_otherwise=len(from_raw),
        waiting=sum(_is_waiting(one, runs) and one.config in staged for one in batches),
        first=days[0],
        last=days[-1],
        next_run=replaced and bool(again),
        lost=lost,
    )


def told(found: Backfill) -> list[str]:
    """In words, the whole first."""
    if found.unread:
        return [f"what a backfill would make again is not known: {found.unread}"]
    words = []
    if found.runs:
        words.append(f"{_counted(found.runs, 'published run')} made rows by an older version that says something else")
    if found.again.batches:
        again = f"{found.again.batches} of {_counted(found.published.batches, 'published batch')}"
        size = f"{_counted(found.again.objects, 'object')}, {_size(found.again.bytes)}"
        words.append(f"{again} would come out differently: {size}, arrived {_span(found)}")
    if found.staged_otherwise:
        words.append(f"{found.staged_otherwise} of them from raw on: staged again first, then published by a run")
    if found.waiting:
        words.append(f"{_counted(found.waiting, 'batch')} not published yet will be, as the older version stages them")
    if found.again.batches and not found.next_run:
        words.append("in which partitions of the table their rows lie, only the staged files tell")
    if found.lost:
        counted = _counted(len(found.lost), "older version")
        words.append(f"the registry no longer has {counted}: what they made is counted as different")
    if words and found.next_run:
        words.append("the next run makes every row anew, of what is staged then")
    if words and (found.staged_otherwise or not found.next_run):
        words.append(STAYS)
    return words


def _version(registry: Registry, path: str, digest: str) -> Entry | None:
    try:
        return registry.compiled(path, digest)
    except UnknownDataset:
        return None


def _differing(versions: Mapping[str, Entry | None], after: Entry, changes: Changes) -> set[str]:
    """The versions that say something else; one that is lost may have."""
    return {digest for digest, entry in versions.items() if entry is None or changes(entry, after)}


def _is_visible(batch: Batch, runs: Mapping[str, Run]) -> bool:
    run = runs.get(batch.run)
    return batch.state == "assigned" and run is not None and run.status in VISIBLE


def _is_waiting(batch: Batch, runs: Mapping[str, Run]) -> bool:
    """Whether a run will still take it; what a rule has set aside waits for nothing."""
    run = runs.get(batch.run)
    return batch.state != "assigned" or run is None or run.status in ("started", "failed")


def _amount(batches: Sequence[Batch]) -> Amount:
    return Amount(len(batches), sum(one.objects for one in batches), sum(one.bytes for one in batches))


def _span(found: Backfill) -> str:
    return f"on {found.first}" if found.first == found.last else f"from {found.first} to {found.last}"


def _counted(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("h") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def _size(count: int) -> str:
    """`31.2 MB`; a thousand of one is one of the next."""
    number, unit = float(count), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
