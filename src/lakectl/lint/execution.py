"""An execution that a machine starts has a name of its own: at most 80 characters, none that Step Functions refuses.

Without one, a task that is tried again starts a second execution.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.lint.workflow import call_of, states_of, workflows
from lakectl.specs.finding import Finding

MOST_CHARACTERS = 80
STARTS = re.compile(r"(?:aws-sdk:sfn|states):startExecution(?:\.\w+)?(?::2)?")
SPELT = re.compile(r"[\w-]{1,80}", re.ASCII)
PLACEHOLDER = re.compile(r"\$\{\w+\}")
WITH_COLONS = ("Execution.Id", "StartTime", "EnteredTime", "StateMachine.Id", "$now(")
CUT = re.compile(r"\{%\s*\$substring\(.*,\s*0\s*,\s*(?P<length>\d+)\s*\)\s*%\}", re.DOTALL)
OWN = re.compile(r"\{%\s*\$states\.context\.Execution\.Name\s*%\}")


def check(project: Project) -> Iterator[Finding]:
    for machine in project.machines:
        for workflow in workflows(machine.document):
            for name, state in states_of(workflow).items():
                if STARTS.fullmatch(call_of(state)):
                    said = str((state.get("Arguments") or {}).get("Name", ""))
                    for message, hint in _wrong(said):
                        yield machine.finding(name, message, hint)


def _wrong(name: str) -> Iterator[tuple[str, str]]:
    if not name:
        yield "would start another execution each time it is tried.", "Set Arguments.Name to what names its work."
    elif not name.startswith("{%"):
        if not SPELT.fullmatch(PLACEHOLDER.sub("x", name)):
            yield f"{name!r} is no name of an execution.", f"Take 1 to {MOST_CHARACTERS} letters, digits, - and _."
    else:
        if any(one in name for one in WITH_COLONS) and "$replace(" not in name:
            yield "its execution's name would hold a colon.", "Take Execution.Name, or $replace(…, ':', '-')."
        cut = CUT.fullmatch(name)
        if not OWN.fullmatch(name) and (cut is None or int(cut["length"]) > MOST_CHARACTERS):
            hint = f"Cut it: {{% $substring(…, 0, {MOST_CHARACTERS}) %}}, what tells executions apart first."
            yield f"its execution's name may have more than {MOST_CHARACTERS} characters.", hint
