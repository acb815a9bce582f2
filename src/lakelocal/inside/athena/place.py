"""Where a node of a parsed query stands in the text that the caller sent."""

from __future__ import annotations

from sqlglot import exp

from lakelocal.inside.athena.word import place


def start_of(node: exp.Expression) -> int | None:
    """The offset of the first character that the node's own names come from."""
    starts = [found.meta["start"] for found in node.walk() if "start" in found.meta]
    return min(starts) if starts else None


def where(text: str, node: exp.Expression) -> str:
    """`line 1:8` of a node; the beginning if the parser did not keep its place."""
    return place(text, start_of(node) or 0)


def identifier(tree: exp.Expression, name: str) -> exp.Expression | None:
    """The first identifier of this name."""
    for found in tree.find_all(exp.Identifier, bfs=False):
        if found.name.lower() == name.lower():
            return found
    return None
