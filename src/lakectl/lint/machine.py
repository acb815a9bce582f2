"""State machines: one page, one language, told by a comment, with equal retries and no error that nobody catches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.project import Machine, Project
from lakectl.lint.workflow import Said, next_of, states_of, workflows
from lakectl.specs.finding import Finding

MOST_STATES = 12
LANGUAGE = "JSONata"


def check(project: Project) -> Iterator[Finding]:
    for machine in project.machines:
        if not machine.document:
            yield machine.finding("", "is no JSON before substitution.", "Put ${…} inside strings only.")
            continue
        yield from _shape(machine)
        for workflow in workflows(machine.document):
            yield from _ways(machine, workflow)
            yield from _retries(machine, states_of(workflow))
        yield from _catches(machine, states_of(machine.document))
    yield from _substitutions(project)


def _shape(machine: Machine) -> Iterator[Finding]:
    states = [one for workflow in workflows(machine.document) for one in states_of(workflow).values()]
    if not machine.document.get("Comment"):
        yield machine.finding("StartAt", "has no Comment that tells its story.", "Add one at the top.")
    if len(states) > MOST_STATES:
        yield machine.finding("States", f"{len(states)} states; at most {MOST_STATES} fit on a page.", "Split it.")
    languages = {machine.document.get("QueryLanguage", "JSONPath")}
    languages |= {state["QueryLanguage"] for state in states if "QueryLanguage" in state}
    if languages != {LANGUAGE}:
        yield machine.finding("QueryLanguage", f"speaks {', '.join(sorted(languages))}.", f"Use {LANGUAGE} alone.")


def _ways(machine: Machine, workflow: Said) -> Iterator[Finding]:
    states, reached, left = states_of(workflow), set(), [str(workflow.get("StartAt", ""))]
    while left:
        name = left.pop()
        if name in reached:
            continue
        reached.add(name)
        if name not in states:
            yield machine.finding(name, f"there is no state {name!r}.", "Correct the name.")
        else:
            left.extend(next_of(states[name]))
    for name in states.keys() - reached:
        yield machine.finding(name, "no way leads to this state.", "Remove it, or name it as Next.")


def _retries(machine: Machine, states: Mapping[str, Any]) -> Iterator[Finding]:
    first: dict[str, tuple[str, Any]] = {}
    for name, state in states.items():
        if state.get("Type") != "Task":
            continue
        retry = state.get("Retry")
        if not retry:
            yield machine.finding(name, "is not tried again when a service is busy.", "Give it a Retry.")
        known, expected = first.setdefault(str(state.get("Resource")), (name, retry))
        if retry != expected:
            yield machine.finding(
                name, f"is tried again in another way than {known!r}.", "Make both Retry blocks equal."
            )


def _catches(machine: Machine, states: Mapping[str, Any]) -> Iterator[Finding]:
    """What fails within a Map or a Parallel fails that, so those that stand at the top are enough."""
    for name, state in states.items():
        ends = states.get(str(state.get("Next")), {}).get("Type") == "Fail"
        if state.get("Type") in ("Task", "Map", "Parallel") and not state.get("Catch") and not ends:
            yield machine.finding(name, "its failure would be recorded nowhere.", "Give it a Catch.")


def _substitutions(project: Project) -> Iterator[Finding]:
    """Placeholders and DefinitionSubstitutions meet."""
    for template in project.templates:
        for resource in template.of_type("AWS::StepFunctions::StateMachine"):
            given = set(resource.properties.get("DefinitionSubstitutions") or {})
            wanted = set[str]().union(*(machine.placeholders for machine in project.definitions_of(resource)))
            for name in sorted(wanted - given):
                hint = "Add it to DefinitionSubstitutions."
                yield template.finding((resource.name,), f"leaves ${{{name}}} of its definition open.", hint)
            for name in sorted(given - wanted):
                yield template.finding((resource.name, name), "no definition asks for it.", "Remove it.")
