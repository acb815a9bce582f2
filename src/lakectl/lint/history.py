"""An execution's history ends at 25,000 events, and the execution fails: no machine may write more.

Counted from above: the longest way through, every task tried as often as it may be, and around a circle as often as
its shortest wait fits into the machine's TimeoutSeconds.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from lakectl.lint.circle import circles
from lakectl.lint.project import Machine, Project
from lakectl.lint.workflow import Said, call_of, inner_of, is_counted, is_distributed, states_of, ways, workflows
from lakectl.specs.finding import Finding

MOST_EVENTS = 25_000
DEFAULT_ATTEMPTS = 3
AROUND = 2
"""A state is entered and left, a Map or a Parallel starts and ends, and so do each item and each execution."""


def check(project: Project) -> Iterator[Finding]:
    for machine in project.machines:
        seconds = float(machine.document.get("TimeoutSeconds", math.inf))
        executions = [machine.document]
        for workflow in workflows(machine.document):
            yield from _endless(machine, workflow, seconds)
            children = (state for state in states_of(workflow).values() if is_distributed(state))
            executions += [inner for state in children for inner in inner_of(state)]
        for execution in executions:
            most = AROUND + _events(execution, seconds)
            if MOST_EVENTS <= most < math.inf:
                message = f"may write {most:,.0f} events into a history that ends at {MOST_EVENTS:,}."
                hint = "Wait longer, try less often, or give a Map the mode DISTRIBUTED."
                yield machine.finding(str(execution.get("StartAt")), message, hint)


def _endless(machine: Machine, workflow: Said, seconds: float) -> Iterator[Finding]:
    """What nothing bounds, whatever the input is."""
    for name, state in states_of(workflow).items():
        if state.get("Type") == "Map" and not is_counted(state) and not is_distributed(state):
            message = f"writes events for every item of a list of any length; a history ends at {MOST_EVENTS:,}."
            hint = "Set ItemProcessor.ProcessorConfig.Mode to DISTRIBUTED: each child has a history of its own."
            yield machine.finding(name, message, hint)
    for circle in circles(ways(workflow)):
        if _rounds(workflow, circle, seconds) == math.inf:
            first = next(name for name in states_of(workflow) if name in circle)
            message = f"comes round again without end, and a history ends at {MOST_EVENTS:,} events."
            hint = "Put a Wait of fixed Seconds into the circle, and TimeoutSeconds at the top."
            yield machine.finding(first, message, hint)


def _events(workflow: Said, seconds: float) -> float:
    """The most events that one way through a workflow writes."""
    states, onward = states_of(workflow), ways(workflow)
    ring = {name: circle for circle in circles(onward) for name in circle}
    cost = {name: _of_state(state, seconds) for name, state in states.items()}

    def longest(name: str, seen: frozenset[str] = frozenset()) -> float:
        if name not in states or name in seen:
            return 0
        members = ring.get(name, frozenset({name}))
        here = sum(cost[one] for one in members)
        if name in ring:
            here *= _rounds(workflow, members, seconds)
        after = {following for one in members for following in onward[one]} - members
        return here + max(map(partial(longest, seen=seen | members), after), default=0)

    return longest(str(workflow.get("StartAt")))


def _of_state(state: Said, seconds: float) -> float:
    tries = 1 + sum(int(one.get("MaxAttempts", DEFAULT_ATTEMPTS)) for one in state.get("Retry") or ())
    if state.get("Type") == "Task":
        followed = call_of(state).endswith((".sync", ".sync:2", ".waitForTaskToken"))
        return AROUND + tries * (4 if followed else 3)  # scheduled, started, submitted, ended
    if state.get("Type") == "Parallel":
        return AROUND + tries * (AROUND + sum(_events(inner, seconds) for inner in inner_of(state)))
    if state.get("Type") == "Map" and not is_distributed(state):
        items = len(state["Items"]) if is_counted(state) else math.inf
        each = AROUND + sum(_events(inner, seconds) for inner in inner_of(state))
        return AROUND + tries * (AROUND + items * each)
    return AROUND + tries * AROUND if is_distributed(state) else AROUND  # the first tells of its children as one


def _rounds(workflow: Said, circle: frozenset[str], seconds: float) -> float:
    """How often a circle may come round: every way round must pass a Wait of fixed seconds."""
    states = states_of(workflow)
    waits = {name: int(states[name]["Seconds"]) for name in circle if isinstance(states[name].get("Seconds"), int)}
    without = {name: onward for name, onward in ways(workflow).items() if name in circle - waits.keys()}
    if circles(without) or min(waits.values()) < 1:
        return math.inf
    return seconds // min(waits.values()) + 1
