"""A dataset as the runtime sees it: compiled, checked, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lake.core.contract import Column, column_from_json
from lake.core.quality import Rule, rule_from_json
from lake.core.table import Table, table_from_json


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: objects under `prefix` of raw, or other datasets' tables (`inputs`, `<team>.<dataset>`)."""

    kind: Literal["drop", "tables"]
    prefix: str = ""
    format: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    """Glob patterns on the key after the prefix; what matches ends as ignored."""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Light:
    """The light transform: DuckDB SQL over the view `source`, or Python source with `transform(row) -> row | None`."""

    sql: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A run is due when the oldest batch has waited `max_wait` seconds, or `max_objects` objects wait."""

    max_wait: int = 300
    max_objects: int = 1000


@dataclass(frozen=True, slots=True)
class View:
    """A stored query beside the table; `sql` is Athena's, its databases named in full."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: one source, one table. `schema` describes the source, `staged` what the light transform gives."""

    digest: str
    team: str
    name: str
    description: str
    owner: str
    source: Source
    schema: tuple[Column, ...]
    staged: tuple[Column, ...]
    light: Light
    table: Table
    rules: tuple[Rule, ...]
    trigger: Trigger
    batch_objects: int = 100
    batch_bytes: int = 256 * 1024 * 1024
    views: tuple[View, ...] = ()
    freshness: int = 0
    """Seconds that the table may be old before somebody is told; 0 promises nothing."""

    @property
    def path(self) -> str:
        """`<team>/<dataset>`: what leads every key of this dataset, in the ledger and in stage."""
        return f"{self.team}/{self.name}"

    @property
    def derived(self) -> bool:
        return self.source.kind == "tables"


def dataset_from_json(entry: Mapping[str, Any]) -> Dataset:
    """Read a compiled dataset; the compiler has checked everything, so a missing key is a bug."""
    source = entry["source"]
    return Dataset(
        digest=entry["digest"],
        team=entry["team"],
        name=entry["name"],
        description=entry["description"],
        owner=entry["owner"],
        source=Source(
            kind=source["kind"],
            prefix=source.get("prefix", ""),
            format=source.get("format", ""),
            options=source.get("options", {}),
            ignore=tuple(source.get("ignore", ())),
            inputs=tuple(source.get("inputs", ())),
        ),
        schema=tuple(column_from_json(column) for column in entry["schema"]),
        staged=tuple(column_from_json(column) for column in entry["staged"]),
        light=Light(**entry.get("light", {})),
        table=table_from_json(entry["table"]),
        rules=tuple(rule_from_json(rule) for rule in entry["rules"]),
        trigger=Trigger(**entry["trigger"]),
        batch_objects=entry["batch_objects"],
        batch_bytes=entry["batch_bytes"],
        views=tuple(View(one["name"], one["sql"]) for one in entry.get("views", ())),
        freshness=entry.get("freshness", 0),
    )


def digest_of(entry: Mapping[str, Any]) -> str:
    """The version of a compiled dataset: SHA-256 of its canonical JSON without the digest itself."""
    content = {name: value for name, value in entry.items() if name != "digest"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
