"""Batches become a run: what one heavy job reads, removes and publishes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from lake.core.dataset import Dataset, dataset_from_json
from lake.core.quality import RuleOutcome

LONGEST_NAME = 60
"""What leaves room for run and attempt in an execution's name."""

Status = Literal["started", "published", "set aside", "nothing", "failed", "halted"]
"""`set aside`: a rule under quarantine failed, no row is visible. `halted`: likewise, and no run starts until asked.
`nothing`: no row to publish or remove. `failed`: the job ended by an error; its batches wait for the next attempt."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the ledger keeps it. `number` counts a dataset's runs from 1 and names them."""

    team: str
    dataset: str
    number: int
    config: str
    reason: str
    started_at: datetime
    status: Status = "started"
    attempt: int = 1
    ended_at: datetime | None = None
    rows_published: int = 0
    rows_quarantined: int = 0
    snapshot: str = ""
    message: str = ""

    @property
    def path(self) -> str:
        return f"{self.team}/{self.dataset}"

    @property
    def id(self) -> str:
        return run_id(self.number)

    @property
    def execution_name(self) -> str:
        """At most 80 characters, as Step Functions asks; the same run and attempt give the same name."""
        name = f"{self.team}-{self.dataset}"
        if len(name) > LONGEST_NAME:
            name = f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        return f"{name}-{self.id}-{self.attempt}"

    @property
    def folder(self) -> str:
        """Where the run's own files lie in stage: batches.json, plan.json, result.json."""
        return f"{self.path}/runs/{self.id}"


def run_id(number: int) -> str:
    return f"r{number:08d}"


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """One version of one object, by what staged rows carry of it."""

    key: str
    sequencer: str


@dataclass(frozen=True, slots=True)
class Input:
    """An input table of a derived dataset, pinned to the snapshot that this run reads."""

    table: str
    snapshot: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the heavy job needs, and all that it may use.

    `staged` and `rejected` are this run's files (s3:// URIs). `left_out` are versions in `staged` that a newer one
    has won over. `removed` are keys whose older versions must leave the table, because this run brings a newer
    version or a delete. `history` are the other live files of the dataset, filled only where they must be read again
    (modes replace and history, or merge with removals or `delete_when`), with `history_left_out` the versions in them
    that do not count any more.
    """

    run: str
    dataset: Dataset
    staged: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    left_out: tuple[SourceVersion, ...] = ()
    removed: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    history_left_out: tuple[SourceVersion, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.staged or self.rejected or self.removed or self.inputs)


@dataclass(frozen=True, slots=True)
class Result:
    """What the heavy job did. `set_aside` counts rows that analytics rules set aside, by object key and sequencer."""

    run: str
    status: Status
    rows_in: int = 0
    rows_published: int = 0
    rows_quarantined: int = 0
    snapshot: str = ""
    rules: tuple[RuleOutcome, ...] = ()
    set_aside: tuple[tuple[str, str, int], ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    message: str = ""


def plan_to_json(plan: Plan, compiled: Mapping[str, Any]) -> dict[str, Any]:
    """`compiled` is the dataset's JSON, kept as it is so that its digest stays true."""
    entry = {name: getattr(plan, name) for name in ("run", "staged", "rejected", "removed", "history")}
    return entry | {
        "dataset": compiled,
        "left_out": [asdict(one) for one in plan.left_out],
        "history_left_out": [asdict(one) for one in plan.history_left_out],
        "inputs": {name: asdict(one) for name, one in plan.inputs.items()},
    }


def plan_from_json(entry: Mapping[str, Any]) -> Plan:
    return Plan(
        run=entry["run"],
        dataset=dataset_from_json(entry["dataset"]),
        staged=tuple(entry["staged"]),
        rejected=tuple(entry["rejected"]),
        left_out=tuple(SourceVersion(**one) for one in entry["left_out"]),
        removed=tuple(entry["removed"]),
        history=tuple(entry["history"]),
        history_left_out=tuple(SourceVersion(**one) for one in entry["history_left_out"]),
        inputs={name: Input(**one) for name, one in entry["inputs"].items()},
    )


def result_to_json(result: Result) -> dict[str, Any]:
    return asdict(result)


def result_from_json(entry: Mapping[str, Any]) -> Result:
    return Result(
        **{
            **entry,
            "rules": tuple(RuleOutcome(**one) for one in entry["rules"]),
            "set_aside": tuple((key, sequencer, rows) for key, sequencer, rows in entry["set_aside"]),
        }
    )
