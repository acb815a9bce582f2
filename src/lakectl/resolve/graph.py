"""What runs after what: the inputs of derived datasets, their order, their cycles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lakectl.specs.dataset import DatasetSpec, TablesSource
from lakectl.specs.finding import Finding
from lakectl.specs.load import Lake, Loaded
from lakectl.specs.name import nearest


def inputs_of(dataset: Loaded[DatasetSpec]) -> tuple[str, ...]:
    source = dataset.spec.source
    return source.inputs if isinstance(source, TablesSource) else ()


def graph_problems(lake: Lake) -> Iterator[Finding]:
    for dataset in lake.datasets.values():
        yield from _input_problems(lake, dataset)
    for cycle in _cycles(lake):
        first = lake.datasets[cycle[0]]
        words = " → ".join((*cycle, cycle[0]))
        yield first.document.finding(
            ("source", "from"), f"the datasets feed one another: {words}.", "Take one input out."
        )


def _input_problems(lake: Lake, dataset: Loaded[DatasetSpec]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, name in enumerate(inputs_of(dataset)):
        location = ("source", "from", number)
        if name not in lake.datasets and name not in lake.unread:
            hint = nearest(name, lake.datasets)
            yield dataset.document.finding(location, f"{name!r} is not a dataset.", hint)
        elif name.partition(".")[0] != dataset.spec.team:
            message = f"{name!r} belongs to another team; reading across teams is not built yet."
            yield dataset.document.finding(location, message, f"Read datasets of {dataset.spec.team}.")
        if name in seen:
            yield dataset.document.finding(location, f"{name!r} stands twice.", "Keep one.")
        seen.add(name)


def in_order(names: Sequence[str], needs: Callable[[str], Sequence[str]]) -> list[str]:
    """These names, each after those that it needs; as they came where nothing decides."""
    done: list[str] = []
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in done or name in open_ or name not in names:
            return
        open_.append(name)
        for one in needs(name):
            visit(one)
        done.append(open_.pop())

    for name in names:
        visit(name)
    return done


def _cycles(lake: Lake) -> list[tuple[str, ...]]:
    """Each cycle once, beginning with its first name in the alphabet."""
    found: set[tuple[str, ...]] = set()

    def follow(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycle = path[path.index(name) :]
            least = cycle.index(min(cycle))
            found.add(cycle[least:] + cycle[:least])
        elif name in lake.datasets and name not in visited:
            for one in sorted(inputs_of(lake.datasets[name])):
                follow(one, (*path, name))
            visited.add(name)

    visited: set[str] = set()
    for name in sorted(lake.datasets):
        follow(name, ())
    return sorted(found)
