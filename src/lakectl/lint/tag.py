"""Tags: what policies and budgets ask for is what stacks are tagged with, and whoever deploys may write it.

CloudFormation hands a stack's tags on to every resource of a type that takes tags, as whoever deploys; a resource's own
tag of the same name wins over them. The type's schema says whether it takes tags, and by which action.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from lakectl.lint.document import many, strings_in, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.plan.provider import tag_actions
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest
from lakectl.tag import TAGS

ASKED = re.compile(r"aws:(?:Resource|Request|Principal)Tag/(?P<key>.+)", re.IGNORECASE)
FILTERED = re.compile(r"user:(?P<key>[^$]+)\$.*")
SAID_BY = {"lake:domain": {"Domain"}, "lake:environment": {"Environment"}, "lake:owner": {"Team", "Owner"}}
"""The parameters that say what the stack's tag says."""
RESERVED = "aws:"
DEPLOYERS = {
    "templates/cicd/deployer.yaml": ("foundations/", "team/", "pipelines/", "datasets/"),
    "templates/cicd/team-deployer.yaml": ("pipelines/", "datasets/"),
}
"""Whose roles deploy which rooms."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource in template.resources.values():
            for key, value in _own_tags(resource):
                yield from _of_tag(template, resource, key, value)
            for key in sorted(set(_asked_for(resource.properties)) - set(TAGS)):
                message = f"asks for the tag {key}, which no stack has."
                yield template.finding((resource.name, key), message, nearest(key, TAGS))
        if template.path in DEPLOYERS:
            yield from _of_deployer(template, project.below(*DEPLOYERS[template.path]))


def _own_tags(resource: Resource) -> Iterator[tuple[str, Any]]:
    said = resource.properties.get("Tags") or ()
    if isinstance(said, Mapping):
        yield from ((str(key), value) for key, value in said.items())
    else:
        yield from ((str(one.get("Key")), one.get("Value")) for one in many(said) if isinstance(one, Mapping))


def _of_tag(template: Template, resource: Resource, key: str, value: Any) -> Iterator[Finding]:
    words = (resource.name, "Tags", key)
    if key.lower().startswith(RESERVED):
        yield template.finding(words, "a tag whose name begins with aws: is AWS's own.", "Take another name.")
    if key in TAGS and target_of(value) not in SAID_BY.get(key, ()):
        hint = "Leave it out: each resource gets the stack's."
        yield template.finding(words, f"would say another {key} than its stack.", hint)


def _asked_for(value: Any) -> Iterator[str]:
    """The tags that conditions of policies and filters of budgets name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if found := ASKED.fullmatch(str(key)):
                yield found["key"]
            if key == "TagKeyValue":
                yield from (found["key"] for text in strings_in(inner) if (found := FILTERED.fullmatch(text)))
            yield from _asked_for(inner)
    elif isinstance(value, list):
        for one in value:
            yield from _asked_for(one)


def _of_deployer(deployer: Template, rooms: Project) -> Iterator[Finding]:
    """Whether it may tag what it makes: CloudFormation tags as it, and the local one does not ask."""
    allowed = [
        action.lower()
        for statement in deployer.statements
        if statement.says.get("Effect") == "Allow"
        for action in statement.actions
    ]
    first: dict[str, str] = {}
    for room in rooms.templates:
        for resource in room.resources.values():
            first.setdefault(resource.type, room.path)
    for kind, path in first.items():
        needed = tag_actions(kind)
        if needed and not any(fnmatchcase(one.lower(), pattern) for one in needed for pattern in allowed):
            message = f"may not tag {kind} of {path}, and its stack has tags."
            yield deployer.finding(("Resources",), message, f"Allow {' or '.join(needed)}.")
