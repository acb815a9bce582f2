"""Every statement is named by a sentence, once in its policy: decisions and denials are told by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

SENTENCE = re.compile(r"[A-Z][a-z0-9]*(?:[A-Z][a-z0-9]*){2,}\Z")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        seen: Counter[tuple[str, str, str]] = Counter()
        for statement in template.statements:
            resource, sid = statement.resource.name, statement.sid
            if not SENTENCE.match(sid):
                yield template.finding(
                    (resource, sid or "Statement"),
                    f"{sid!r} is no sentence." if sid else "a statement has no Sid.",
                    "Write who may do what, like RouteMayWriteManifests.",
                )
            seen[resource, statement.policy, sid] += 1
            if sid and seen[resource, statement.policy, sid] == 2:
                yield template.finding((resource, sid), f"{sid} names two statements of one policy.", "Rename one.")
