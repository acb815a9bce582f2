"""The names that stacks leave for each other in SSM, from the templates."""

from __future__ import annotations

from pathlib import Path

from table import table

from lakectl.lint.document import text_of
from lakectl.lint.project import SSM_REFERENCE, Project, read_project

HEAD = """# Names between stacks

Stacks find each other through parameters of Systems Manager: `/lake/<domain>/<environment>/<room>/<owner>/<thing>`.
A stack reads what another wrote by a dynamic reference, so neither knows the other's resources.
"""


def page(root: Path) -> str:
    project = read_project(root)
    readers = _readers(project)
    rows = [
        (f"`{name}`", f"`{template}`", ", ".join(f"`{one}`" for one in sorted(readers.get(name, ()))))
        for name, template in sorted(_written(project))
    ]
    return HEAD + "\n" + table(("name", "written by", "read by"), rows)


def _written(project: Project) -> list[tuple[str, str]]:
    return [
        (_short(text_of(one.properties["Name"])), template.path)
        for template in project.templates
        for one in template.of_type("AWS::SSM::Parameter")
    ]


def _readers(project: Project) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for template in project.templates:
        for name in SSM_REFERENCE.findall(template.text):
            found.setdefault(_short(name), set()).add(template.path)
    return found


def _short(name: str) -> str:
    for variable, word in {"${Domain}": "<domain>", "${Environment}": "<env>", "${Team}": "<team>"}.items():
        name = name.replace(variable, word)
    return name
