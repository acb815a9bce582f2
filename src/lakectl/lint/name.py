"""What a template reads from SSM, some template writes."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.document import strings_in
from lakectl.lint.project import SSM_REFERENCE, Project
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource in template.resources.values():
            read = {found for text in strings_in(resource.attributes) for found in SSM_REFERENCE.findall(text)}
            for name in sorted(read - set(project.written)):
                message = f"no template writes {name}."
                yield template.finding((resource.name, name), message, nearest(name, project.written))
