"""The columns of a dataset at each step: as dropped, as staged, as published."""

from __future__ import annotations

from collections.abc import Iterator

from lake.core.contract import PROVENANCE
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import DatasetSpec, TablesSource
from lakectl.specs.finding import Finding
from lakectl.specs.load import Loaded
from lakectl.specs.name import nearest

Columns = tuple[ColumnSpec, ...]


def source_columns(spec: DatasetSpec) -> Columns:
    return spec.columns or ()


def staged_columns(spec: DatasetSpec) -> Columns:
    return _after(spec.light.columns, source_columns(spec))


def table_columns(spec: DatasetSpec) -> Columns:
    return _after(spec.table.columns, staged_columns(spec))


def published_columns(spec: DatasetSpec) -> Columns:
    """The table's columns with those that its mode adds."""
    columns, names = table_columns(spec), spec.table.validity_names
    if not names:
        return columns
    event = next((one.type for one in columns if one.name in spec.table.order_by[:1]), "timestamp")
    kinds = zip(names, (event, event, "boolean"), strict=True)
    return (*columns, *(ColumnSpec(name=name, type=kind) for name, kind in kinds))


def _after(declared: tuple[ColumnSpec | str, ...] | None, before: Columns) -> Columns:
    """Columns after a step; names that the step before does not have are left out (see `reused_problems`)."""
    if declared is None:
        return before
    by_name = {column.name: column for column in before}
    found: list[ColumnSpec] = []
    for entry in declared:
        if isinstance(entry, ColumnSpec):
            found.append(entry)
        elif entry == "*":
            anew = {one.name for one in declared if isinstance(one, ColumnSpec)}
            found += [column for column in before if column.name not in anew]
        elif entry in by_name:
            found.append(by_name[entry])
    return tuple(found)


def reused_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    """Names in light.schema and table.schema that the step before does not give."""
    spec = dataset.spec
    for step, declared, before in (
        ("light", spec.light.columns, source_columns(spec)),
        ("table", spec.table.columns, staged_columns(spec)),
    ):
        names = names_of(before)
        for number, entry in enumerate(declared or ()):
            if isinstance(entry, str) and entry not in names and not (entry == "*" and names):
                hint = nearest(entry, names) if names else "Declare it: {name: …, type: …}."
                yield dataset.document.finding(
                    (step, "schema", number), f"{entry!r} is not a column before this step.", hint
                )


def names_of(columns: Columns) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def readable_columns(spec: DatasetSpec) -> tuple[str, ...]:
    """What another dataset finds in the published table."""
    names = names_of(published_columns(spec))
    return names if is_derived(spec) else names + tuple(column.name for column in PROVENANCE)


def is_derived(spec: DatasetSpec) -> bool:
    return isinstance(spec.source, TablesSource)
