"""A dataset with everything that its files say, checked: what the compiler writes down."""

from __future__ import annotations

from dataclasses import dataclass

from lake.core.quality import Rule
from lakectl.resolve.graph import graph_problems, in_order
from lakectl.resolve.reference import pipeline_problems, reference_problems
from lakectl.resolve.rule import resolve_rules
from lakectl.resolve.source import overlap_problems, source_problems
from lakectl.resolve.table import table_problems
from lakectl.resolve.transform import Transform, heavy_transform, light_transform
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.finding import Finding, Findings
from lakectl.specs.load import Lake, Loaded


@dataclass(frozen=True)
class Resolved:
    spec: DatasetSpec
    light: Transform
    heavy: Transform
    rules: tuple[Rule, ...]


def resolve_lake(lake: Lake) -> tuple[list[Resolved], Findings]:
    """All datasets, inputs before what reads them, and all that is wrong with any of them."""
    findings = [
        *graph_problems(lake),
        *overlap_problems(lake),
        *reference_problems(lake),
        *pipeline_problems(lake),
    ]
    resolved = [resolve_dataset(lake, lake.datasets[name], findings) for name in in_order(lake)]
    return resolved, Findings.of(findings)


def resolve_dataset(lake: Lake, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> Resolved:
    findings += source_problems(dataset)
    findings += table_problems(dataset)
    return Resolved(
        spec=dataset.spec,
        light=light_transform(dataset, findings),
        heavy=heavy_transform(lake, dataset, findings),
        rules=resolve_rules(dataset, findings),
    )
