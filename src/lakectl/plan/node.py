"""A plan as a tree of words: drawn for a terminal, or written as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lakectl.plan import bill
from lakectl.plan.backfill import told
from lakectl.plan.contract import ContractChange
from lakectl.plan.difference import Difference
from lakectl.plan.permission import PermissionChange
from lakectl.plan.plan import Plan, StackChange, abandonment
from lakectl.plan.resource import ResourceChange

SIGNS: Mapping[str, str] = {"add": "+", "change": "~", "replace": "±", "remove": "-"}
LONGEST = 60
CONTEXT = 16
"""Letters that are shown before the first that differs."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line, and what hangs below it. `tone` says how it is meant: a sign of SIGNS, `!` for danger, or nothing."""

    text: str
    tone: str = ""
    below: tuple[Node, ...] = ()


def tree_of(plan: Plan, whole: bool = False) -> Node:
    """`whole` lists what a new stack is made of; else it is counted."""
    stacks = [_stack(one, whole) for one in plan.changes]
    stacks += [Node(f"{name}: nothing asks for it; `lake destroy {name}` takes it away") for name in plan.orphans]
    return Node(headline(plan), "", tuple(stacks))


def headline(plan: Plan) -> str:
    counted = [(sum(one.action == action for one in plan.changes), words) for action, words in _COUNTS]
    said = ", ".join(f"{count} {words}" for count, words in counted if count)
    dollars = f"; {bill.told(plan.dollars)}" if plan.dollars else ""
    return f"{plan.environment}: {said or 'nothing to do'}; {plan.stacks} stacks in all{dollars}"


_COUNTS = (("add", "to add"), ("change", "to change"), ("remove", "to remove"))


def drawn(node: Node, indent: str = "") -> Iterator[tuple[str, str]]:
    """The lines of a terminal, each with its tone."""
    if not indent:
        yield node.text, node.tone
    for number, below in enumerate(node.below):
        last = number == len(node.below) - 1
        yield f"{indent}{'└─' if last else '├─'} {below.text}", below.tone
        yield from list(drawn(below, f"{indent}{'   ' if last else '│  '}"))


def markdown(node: Node) -> str:
    """The same as a heading and nested lists."""
    return "\n".join([f"### {node.text}", "", *_bullets(node.below, "")]) + "\n"


def _bullets(nodes: Sequence[Node], indent: str) -> Iterator[str]:
    for node in nodes:
        text = f"**{_escaped(node.text)}**" if node.tone == "!" else _escaped(node.text)
        yield f"{indent}- {text}"
        yield from _bullets(node.below, f"{indent}  ")


def _escaped(text: str) -> str:
    """Values are data: none of them becomes a tag, emphasis, or a mention of somebody."""
    return "".join(sign if sign.isprintable() else " " for sign in text).translate(_MEANT)


_MEANT = {ord(sign): f"&#{ord(sign)};" for sign in "\\`*_<>[]#|@~&"}


def _stack(stack: StackChange, whole: bool) -> Node:
    below = [Node(note) for note in stack.notes]
    if stack.action == "change" or whole:
        below += [_resource(one) for one in stack.resources]
    elif stack.resources:
        below.append(Node(_counted(len(stack.resources), "resource")))
    below += _permissions(stack, whole)
    if stack.contract:
        below += _contract(stack.contract, told(stack.backfill) if stack.backfill else [])
    if stack.dollars:
        below.append(Node(bill.told(stack.dollars)))
    return Node(f"{SIGNS[stack.action]} {stack.name}", SIGNS[stack.action], tuple(below))


def _resource(one: ResourceChange) -> Node:
    text = f"{SIGNS[one.action]} {one.name} ({one.type})"
    if one.leaves_data:
        return Node(f"{text}: {abandonment(one)}", "!", tuple(_difference(each) for each in one.differences))
    if one.action == "remove" and one.holds:
        return Node(f"{text}: it stays, outside of the stack, with its {one.holds}", SIGNS[one.action])
    because = f" is replaced: {one.because}" if one.because else ""
    return Node(f"{text}{because}", SIGNS[one.action], tuple(_difference(each) for each in one.differences))


def _difference(one: Difference) -> Node:
    before, after = _told(one.before), _told(one.after)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    same = same - CONTEXT if max(len(before), len(after)) > LONGEST else 0
    return Node(f"{one.place}: {_cut(before, same)} → {_cut(after, same)}")


def _permissions(stack: StackChange, whole: bool) -> list[Node]:
    if stack.action != "change" and not whole:
        count = len(stack.permissions)
        return [Node(_counted(count, "statement") + " of permission")] if count else []
    return [_permission(one) for one in stack.permissions]


def _permission(one: PermissionChange) -> Node:
    below = [Node(f"+ {words}", "+") for words in one.gains] + [Node(f"- {words}", "-") for words in one.loses]
    return Node(f"permission {one.verdict}: {one.resource}, {one.sid}", "" if not one.gains else "!", tuple(below))


def _contract(one: ContractChange, again: Sequence[str]) -> list[Node]:
    if one.action == "remove":
        return []
    below = [Node(words, "!" if words in one.breaks else "") for words in one.changes]
    if one.rows:
        below.append(Node(one.rows))
    if again:
        below.append(Node(again[0], "", tuple(Node(words) for words in again[1:])))
    if one.readers:
        below.append(Node(f"is read by {', '.join(one.readers)}"))
    if one.refusal:
        below.append(Node(f"its registration will refuse this: {one.refusal}", "!"))
    words = "breaks its contract" if one.breaks else ("changes" if one.action == "change" else "is new")
    return [Node(f"dataset {one.dataset} {words}", "!" if one.breaks else "", tuple(below))]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _told(value: object) -> str:
    return "nothing" if value is None else str(value)


def _cut(text: str, start: int) -> str:
    """From where two values begin to differ, and no longer than a line bears."""
    shown = f"…{text[start:]}" if start > 0 else text
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
