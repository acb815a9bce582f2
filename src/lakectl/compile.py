"""The compiler: a project's files become the JSON that the runtime reads, each version named by its digest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lake.core.dataset import Dataset, dataset_from_json, digest_of
from lakectl.resolve.column import source_columns, staged_columns, table_columns
from lakectl.resolve.dataset import Resolved, resolve_lake
from lakectl.resolve.layout import order_of, partition_of
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import DropSource, TablesSource, prefix_of_source
from lakectl.specs.finding import BrokenSpecs
from lakectl.specs.load import Lake, load_lake
from lakectl.specs.name import nearest
from lakectl.specs.pipeline import PipelineSpec


@dataclass(frozen=True)
class Compiled:
    """One compiled dataset. `entry` is what `lake.core.dataset.dataset_from_json` reads."""

    team: str
    dataset: str
    digest: str
    entry: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.team}.{self.dataset}"

    @property
    def path(self) -> str:
        return f"{self.team}/{self.dataset}"

    @property
    def artifact_key(self) -> str:
        """Where the JSON lies in the artifacts bucket."""
        return f"datasets/{self.path}/{self.digest}.json"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.entry["source"].get("inputs", ()))

    @property
    def needs(self) -> tuple[str, ...]:
        """The datasets that this one and its views read."""
        reads = {read for view in self.entry["views"] for read in view["reads"]}
        return tuple(sorted({*self.inputs, *reads} - {self.name}))

    @property
    def derived(self) -> bool:
        return bool(self.entry["source"]["kind"] == "tables")

    @property
    def prefix(self) -> str:
        """The keys of raw that the dataset claims; empty for a derived one."""
        return str(self.entry["source"].get("prefix", ""))

    def json(self) -> bytes:
        """The file, the same bytes for the same digest."""
        return json.dumps(self.entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def value(self) -> Dataset:
        return dataset_from_json(self.entry)


def compile_lake(root: Path, environment: str, *, account: str = "", region: str = "") -> list[Compiled]:
    """All datasets of a project for one environment, inputs before what reads them.

    `account` and `region` take the place of those in lake.yaml. Raises BrokenSpecs with every mistake of every file.
    """
    lake = load_lake(root)
    resolved, findings = resolve_lake(lake)
    if findings.errors:
        raise BrokenSpecs(findings)
    place = place_of(lake, environment, account, region)
    return [compile_dataset(one, lake, place) for one in resolved]


@dataclass(frozen=True, slots=True)
class Target:
    """The environment that a dataset is compiled for."""

    domain: str
    environment: str
    account: str
    region: str

    def bucket(self, zone: str) -> str:
        return f"{self.domain}-{self.environment}-{self.account}-{self.region}-{zone}"

    def database(self, team: str) -> str:
        return f"{self.domain}_{self.environment}_{team}"


def place_of(lake: Lake, environment: str, account: str = "", region: str = "") -> Target:
    found = lake.spec.environments.get(environment)
    if found is None:
        assert lake.lake is not None
        hint = nearest(environment, lake.spec.environments)
        raise BrokenSpecs.of(lake.lake.document.finding(("environments",), f"{environment!r} is not among them.", hint))
    return Target(lake.spec.domain, environment, account or found.account, region or found.region)


def compile_dataset(resolved: Resolved, lake: Lake, target: Target) -> Compiled:
    spec = resolved.spec
    pipeline = lake.pipelines[spec.pipeline].spec
    batch = spec.batch or pipeline.batch
    entry: dict[str, Any] = {
        "team": spec.team,
        "name": spec.dataset,
        "description": spec.description,
        "owner": spec.owner,
        "source": _source(resolved),
        "schema": _columns(source_columns(spec)),
        "staged": _columns(staged_columns(spec)),
        "light": {"sql": resolved.light.sql, "python": resolved.light.python},
        "table": _table(resolved, target),
        "rules": [asdict(rule) for rule in resolved.rules],
        "trigger": _trigger(resolved, pipeline),
        "batch_objects": batch.objects,
        "batch_bytes": batch.bytes,
        "views": _views(resolved, lake, target),
    }
    if spec.freshness:
        entry["freshness"] = spec.freshness
    entry["digest"] = digest_of(entry)
    return Compiled(spec.team, spec.dataset, entry["digest"], entry)


def _source(resolved: Resolved) -> dict[str, Any]:
    source = resolved.spec.source
    if isinstance(source, TablesSource):
        return {"kind": source.kind, "inputs": list(source.inputs)}
    assert isinstance(source, DropSource)
    return {
        "kind": source.kind,
        "prefix": prefix_of_source(resolved.spec),
        "format": source.format,
        "options": source.options.written(),
        "ignore": list(source.ignore),
    }


def _columns(columns: tuple[ColumnSpec, ...]) -> list[dict[str, Any]]:
    return [asdict(column.value()) for column in columns]


def _table(resolved: Resolved, target: Target) -> dict[str, Any]:
    spec = resolved.spec
    return {
        "database": target.database(spec.team),
        "name": spec.dataset,
        "location": f"s3://{target.bucket('analytics')}/{spec.team}/{spec.dataset}/",
        "mode": spec.table.mode,
        "columns": _columns(table_columns(spec)),
        "keys": list(spec.table.keys),
        "order_by": list(spec.table.order_by),
        "delete_when": spec.table.delete_when,
        "validity": list(spec.table.validity_names),
        "partition": [partition_of(text) for text in spec.table.partition],
        "sort": [order_of(text) for text in spec.table.sort],
        "file_size": spec.table.file_size or 0,
        "sql": resolved.heavy.sql,
        "python": resolved.heavy.python,
        "description": spec.description,
    }


def _views(resolved: Resolved, lake: Lake, target: Target) -> list[dict[str, Any]]:
    databases = {team: target.database(team) for team in lake.teams}
    return [{"name": view.name, "sql": view.sql(databases), "reads": list(view.reads)} for view in resolved.views]


def _trigger(resolved: Resolved, pipeline: PipelineSpec) -> dict[str, int]:
    trigger = resolved.spec.trigger or pipeline.trigger
    return {"max_wait": trigger.max_wait, "max_objects": trigger.max_objects}
