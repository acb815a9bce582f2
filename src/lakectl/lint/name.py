"""What a template reads from SSM, some template writes."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.project import Project
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource, read in template.reads.items():
            for name in sorted(read - project.written.keys()):
                message = f"no template writes {name}."
                yield template.finding((resource, name), message, nearest(name, project.written))
