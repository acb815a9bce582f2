"""What templates and state machines are held to before anything is deployed, from the rules themselves."""

from __future__ import annotations

import re
import sys

from table import table

from lakectl.lint.run import RULES, Rule

HEAD = """# Rules about templates

`lake validate` and every deployment hold templates and state machines to these. Each is about something that cfn-lint,
which `make check` runs as well, does not look at, or that only AWS would refuse. [What rules can
tell](../decisions/what-rules-can-tell.md) says how limits are counted. `tests/template` shows each rule a mistake.
"""


def page() -> str:
    return HEAD + "\n" + table(("rule", "what holds", "AWS says"), map(_row, RULES))


def _row(rule: Rule) -> tuple[str, str, str]:
    told = sys.modules[rule.__module__].__doc__ or ""
    links = (f"[here]({link})" for link in re.findall(r"https://\S+[^\s.:]", told))
    return f"`{rule.__module__.rpartition('.')[2]}`", told.partition("\n\n")[0], " ".join(links)
