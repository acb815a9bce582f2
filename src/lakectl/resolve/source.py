"""A dataset's source: its prefix, its options, its columns."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.resolve.column import is_derived
from lakectl.resolve.format import format_problems
from lakectl.specs.dataset import DatasetSpec, DropSource, prefix_of_source
from lakectl.specs.document import Location
from lakectl.specs.finding import Finding
from lakectl.specs.load import Lake, Loaded


def source_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    spec, document = dataset.spec, dataset.document
    if is_derived(spec):
        yield from _derived_problems(dataset)
        return
    if spec.columns is None:
        yield document.finding(("schema",), "is missing.", "Declare the columns of the files.")
    yield from _prefix_problems(dataset)
    source = spec.source
    assert isinstance(source, DropSource)
    yield from format_problems(dataset, source)
    for number, pattern in enumerate(source.ignore):
        if not pattern:
            yield document.finding(("source", "ignore", number), "an empty pattern ignores nothing.", "Remove it.")


def _derived_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    spec, document = dataset.spec, dataset.document
    if spec.columns is not None:
        yield document.finding(("schema",), "a derived dataset has no files.", "Move it to table.schema.", at_key=True)
    if spec.table.columns is None:
        yield document.finding(("table", "schema"), "is missing.", "Declare the columns that the transform gives.")
    if "light" in document.data:
        yield document.finding(
            ("light",), "a derived dataset has no light step.", "Use table.sql or table.python.", at_key=True
        )
    if spec.batch is not None:
        yield document.finding(("batch",), "a derived dataset has no batches.", "Remove it.", at_key=True)
    if spec.trigger is not None:
        message = "a derived dataset runs whenever an input has published."
        yield document.finding(("trigger",), message, "Remove it.", at_key=True)


def _prefix_problems(dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    prefix = prefix_of_source(dataset.spec)
    location: Location = ("source", "prefix")
    parts = prefix.split("/")
    own = f"{dataset.spec.team}/"
    if not prefix.endswith("/"):
        yield dataset.document.finding(location, f"{prefix!r} does not end in '/'.", f"Write {prefix + '/'!r}.")
    elif prefix.startswith("/") or any(part in ("", ".", "..") for part in parts[:-1]):
        yield dataset.document.finding(
            location, f"{prefix!r} has an empty part, '.' or '..'.", "Write it like 'team/name/'."
        )
    elif not prefix.startswith(own):
        message = f"{prefix!r} lies outside of the team's keys; its roles read {own!r} and nothing else."
        yield dataset.document.finding(location, message, f"Write '{own}…/'.")


def overlap_problems(lake: Lake) -> Iterator[Finding]:
    """Two datasets that claim one prefix, or one inside the other's."""
    claims = [
        (prefix, name) for name, one in lake.datasets.items() if (prefix := prefix_of_source(one.spec)).endswith("/")
    ]
    for prefix, name in sorted(claims):
        for other_prefix, other in claims:
            if other != name and prefix.startswith(other_prefix) and (prefix != other_prefix or other < name):
                words = "is also" if prefix == other_prefix else f"lies inside {other_prefix!r}, which is"
                message = f"{prefix!r} {words} the prefix of {other}."
                yield lake.datasets[name].document.finding(("source", "prefix"), message, "Choose another prefix.")
