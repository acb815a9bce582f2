"""Which parts of a graph lie on a circle: states that come round again, stacks that wait for each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

Graph = Mapping[str, Collection[str]]


def circles(graph: Graph) -> list[frozenset[str]]:
    """The largest sets of nodes of which each leads to every other, in the order of the graph."""
    beyond = {name: _reached(graph, name) for name in graph}
    found = (
        frozenset(other for other in beyond[name] if name in beyond.get(other, ()))
        for name in graph
        if name in beyond[name]
    )
    return list(dict.fromkeys(found))


def _reached(graph: Graph, start: str) -> set[str]:
    """Every node that one or more steps lead to."""
    reached: set[str] = set()
    left = list(graph[start])
    while left:
        name = left.pop()
        if name in graph and name not in reached:
            reached.add(name)
            left.extend(graph[name])
    return reached
