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
from lakectl.resolve.view import View, needs_of, order_problems, views_of
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.finding import Finding, Findings
from lakectl.specs.load import Lake, Loaded


@dataclass(frozen=True)
class Resolved:
    spec: DatasetSpec
    light: Transform
    heavy: Transform
    rules: tuple[Rule, ...]
    views: tuple[View, ...]

    @property
    def name(self) -> str:
        return f"{self.spec.team}.{self.spec.dataset}"


def resolve_lake(lake: Lake) -> tuple[list[Resolved], Findings]:
    """All datasets, after those that they or their views read, and all that is wrong with any of them."""
    findings = [
        *graph_problems(lake),
        *overlap_problems(lake),
        *reference_problems(lake),
        *pipeline_problems(lake),
    ]
    resolved = [resolve_dataset(lake, dataset, findings) for dataset in lake.datasets.values()]
    views = {one.name: one.views for one in resolved}
    findings += order_problems(lake, views)
    order = in_order(sorted(views), lambda name: needs_of(lake, views, name))
    return sorted(resolved, key=lambda one: order.index(one.name)), Findings.of(findings)


def resolve_dataset(lake: Lake, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> Resolved:
    findings += source_problems(dataset)
    findings += table_problems(dataset)
    return Resolved(
        spec=dataset.spec,
        light=light_transform(dataset, findings),
        heavy=heavy_transform(lake, dataset, findings),
        rules=resolve_rules(dataset, findings),
        views=views_of(lake, dataset, findings),
    )
