"""What travels between states is at most 256 KB: lists of any length stay in S3, and a reference to them travels.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lakectl.lint.circle import circles
from lakectl.lint.document import strings_in
from lakectl.lint.project import Project
from lakectl.lint.workflow import Said, call_of, is_counted, is_distributed, states_of, ways, workflows
from lakectl.specs.finding import Finding

KILOBYTES = 256
PAGES = re.compile(r"(?:aws-sdk:)?\w+:(?:list\w*|query|scan|batchGet\w*|get\w*Results|getObject|receiveMessage)")
BOUNDS = {"Limit", "MaxItems", "MaxKeys", "MaxNumberOfMessages", "MaxResults", "Range"}
"""What an answer of any size is cut to."""


def check(project: Project) -> Iterator[Finding]:
    for machine in project.machines:
        for workflow in workflows(machine.document):
            around = {name for circle in circles(ways(workflow)) for name in circle}
            for name, state in states_of(workflow).items():
                for message, hint in _too_large(state, name in around):
                    yield machine.finding(name, f"{message}; {KILOBYTES} KB travel between states.", hint)


def _too_large(state: Said, comes_again: bool) -> Iterator[tuple[str, str]]:
    if state.get("Type") == "Map" and not is_counted(state):
        if is_distributed(state) and "ItemReader" not in state:
            yield "is handed its whole list", "Let an ItemReader read it from S3."
        if "ResultWriter" not in state and _mentions(state.get("Output", "$states.result"), "$states.result"):
            hint = "Let a ResultWriter write the results to S3, or say an Output without $states.result."
            yield "keeps what every item of a list of any length gave", hint
    if PAGES.fullmatch(call_of(state)) and not BOUNDS & set(state.get("Arguments") or {}):
        yield f"takes in an answer of any size from {call_of(state)}", f"Set one of {', '.join(sorted(BOUNDS))}."
    for variable, value in (state.get("Assign") or {}).items():
        if comes_again and _mentions(value, "$append(") and _mentions(value, f"${variable}"):
            hint = "Write what is gathered to S3, and keep its place."
            yield f"makes ${variable} longer each time it comes round", hint


def _mentions(value: Any, words: str) -> bool:
    return any(words in text for text in strings_in(value))
