"""A state machine's definition as a person follows it: workflows within workflows, and what comes after a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import many

Said = Mapping[str, Any]


def workflows(definition: Said) -> Iterator[Said]:
    """The definition itself, and what every Map and Parallel in it runs: whatever has StartAt and States."""
    yield definition
    for state in states_of(definition).values():
        for inner in inner_of(state):
            yield from workflows(inner)


def inner_of(state: Said) -> list[Said]:
    """The workflows that a state runs: the branches of a Parallel, the one of a Map."""
    return [*many(state.get("Branches")), *many(state.get("ItemProcessor"))]


def states_of(workflow: Said) -> dict[str, Said]:
    return dict(workflow.get("States") or {})


def next_of(state: Said) -> Iterator[str]:
    """The states that may come after it."""
    for place in [state, *many(state.get("Choices")), *many(state.get("Catch"))]:
        for name in ("Next", "Default"):
            if name in place:
                yield str(place[name])


def ways(workflow: Said) -> dict[str, list[str]]:
    """Each state's name, and the names of those that may come after it."""
    return {name: list(next_of(state)) for name, state in states_of(workflow).items()}


def call_of(state: Said) -> str:
    """What a task calls: `lambda:invoke`, `glue:startJobRun.sync`; "" for any other state."""
    return str(state.get("Resource", "")).rpartition(":::")[2] if state.get("Type") == "Task" else ""


def is_distributed(state: Said) -> bool:
    """Whether a Map gives each of its children an execution, and so a history, of its own."""
    processor = state.get("ItemProcessor") or {}
    return bool((processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED")


def is_counted(state: Said) -> bool:
    """Whether a definition itself says how many items a Map has."""
    return isinstance(state.get("Items"), list)
