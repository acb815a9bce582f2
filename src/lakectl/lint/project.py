"""What the rules look at: all templates and state machines of a lake, and what they write down for each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from yaml import YAMLError  # type: ignore[import-untyped]

from lakectl.lint.document import either, many, read, strings_in, target_of, text_of
from lakectl.specs.finding import Finding

FOLDERS = ("foundations", "team", "pipelines", "datasets", "templates")
IS_TEMPLATE = r"^AWSTemplateFormatVersion:"
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
SSM_REFERENCE = re.compile(r"\{\{resolve:ssm:([^}]*(?:\$\{\w+\}[^}]*)*)\}\}")


@dataclass(frozen=True)
class Resource:
    """One resource of a template."""

    name: str
    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, with the resource that carries it and the policy's name in it."""

    resource: Resource
    policy: str
    says: Mapping[str, Any]

    @property
    def sid(self) -> str:
        return str(self.says.get("Sid", ""))

    @property
    def actions(self) -> list[str]:
        return [str(action) for action in many(self.says.get("Action"))]


@dataclass(frozen=True)
class Template:
    """One template: its text for places and comments, its document for everything else."""

    path: str
    text: str
    document: Mapping[str, Any]

    @cached_property
    def resources(self) -> dict[str, Resource]:
        found = self.document.get("Resources") or {}
        return {
            name: Resource(name, str(body.get("Type", "")), body.get("Properties") or {}, body)
            for name, body in found.items()
        }

    @cached_property
    def parameters(self) -> dict[str, Mapping[str, Any]]:
        return dict(self.document.get("Parameters") or {})

    def of_type(self, *types: str) -> Iterator[Resource]:
        return (resource for resource in self.resources.values() if resource.type in types)

    @cached_property
    def reads(self) -> dict[str, frozenset[str]]:
        """The names that each resource reads from SSM."""
        return {
            name: frozenset(found for text in strings_in(one.attributes) for found in SSM_REFERENCE.findall(text))
            for name, one in self.resources.items()
        }

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement of every policy in the template, trust and key policies too, on whatever condition."""
        return tuple(
            Statement(resource, policy, statement)
            for resource in self.resources.values()
            for policy, document in policies_of(resource.properties)
            for said in many(document.get("Statement"))
            for statement in either(said)
        )

    def allowed(self, role: str) -> set[str]:
        """What the policies of a role allow, as they write it: actions, and patterns of actions."""
        return {
            action
            for statement in self.statements
            if statement.resource.name == role and statement.says.get("Effect") == "Allow"
            for action in statement.actions
        }

    def line_of(self, *words: str) -> int:
        """The line where the last word is first seen, each word sought after the one before."""
        place = 0
        for word in words:
            found = re.compile(rf"(?<![\w$]){re.escape(word)}(?!\w)").search(self.text, place)
            place = found.start() if found else place
        return self.text.count("\n", 0, place) + 1

    def finding(self, words: tuple[str, ...], message: str, hint: str = "") -> Finding:
        """A finding at the place that these words lead to; they name it too."""
        return Finding(self.path, self.line_of(*words), 1, ".".join(words), message, hint)


@dataclass(frozen=True)
class Machine:
    """One state machine as it lies in the repository, before substitution. `document` is empty if it does not parse."""

    path: str
    text: str
    document: Mapping[str, Any]

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """What DefinitionSubstitutions must fill."""
        return frozenset(PLACEHOLDER.findall(self.text))

    def finding(self, where: str, message: str, hint: str = "") -> Finding:
        place = self.text.find(f'"{where}"')
        return Finding(self.path, self.text.count("\n", 0, max(place, 0)) + 1, 1, where, message, hint)


@dataclass(frozen=True)
class Project:
    templates: tuple[Template, ...]
    machines: tuple[Machine, ...]

    def below(self, *folders: str) -> Project:
        """The same with the templates and machines of these folders alone."""
        return Project(
            tuple(one for one in self.templates if one.path.startswith(folders)),
            tuple(one for one in self.machines if one.path.startswith(folders)),
        )

    @cached_property
    def written(self) -> dict[str, tuple[Template, Any]]:
        """What templates write down: SSM name to template and value."""
        return {
            text_of(resource.properties.get("Name")): (template, resource.properties.get("Value"))
            for template in self.templates
            for resource in template.of_type("AWS::SSM::Parameter")
        }

    def resource_behind(self, template: Template, value: Any) -> tuple[Template, Resource] | None:
        """The resource that a property points to: by `!Ref`, `!GetAtt`, or a name that another template wrote down."""
        name = target_of(value)
        if name in template.resources:
            return template, template.resources[name]
        found = SSM_REFERENCE.search(text_of(value))
        if found and found[1] in self.written:
            home, written = self.written[found[1]]
            return self.resource_behind(home, written)
        return None

    def definitions_of(self, resource: Resource) -> list[Machine]:
        """The definitions that a state machine may have: of several the one that shares most names with it is meant.

        One that is told by a longer name, as `stage-b-emr` is by `stage-b`, takes the other's place.
        """
        given = set(resource.properties.get("DefinitionSubstitutions") or {})
        named = {machine.path.removesuffix(".asl.json"): machine for machine in self.machines}

        def likeness(name: str) -> tuple[int, int]:
            asked = named[name].placeholders
            return len(asked & given), -len(asked ^ given)

        meant = max(named, key=likeness, default="")
        return [
            machine
            for name, machine in named.items()
            if f"{name}-".startswith(f"{meant}-") or f"{meant}-".startswith(f"{name}-")
        ]

    def function_behind(self, template: Template, value: Any) -> tuple[Template, Resource] | None:
        """The same, and where that is an alias, the function that it is of."""
        found = self.resource_behind(template, value)
        if found and found[1].type == "AWS::Lambda::Alias":
            return self.resource_behind(found[0], found[1].properties.get("FunctionName"))
        return found


def read_project(root: Path) -> Project:
    """All templates and machines of a checkout; raises YAMLError, with the file's name, where a template is no YAML."""
    files = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*.yaml"))]
    texts = ((file.relative_to(root).as_posix(), file.read_text(encoding="utf-8", errors="replace")) for file in files)
    templates = [template_of(path, text) for path, text in texts if re.search(IS_TEMPLATE, text, re.MULTILINE)]
    machines = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*.asl.json"))]
    return Project(
        tuple(templates),
        tuple(machine_of(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")) for file in machines),
    )


def template_of(path: str, text: str) -> Template:
    if "\ufffd" in text:
        raise YAMLError(f"{path}: a byte is not UTF-8. Save it as UTF-8.")
    try:
        return Template(path, text, read(text))
    except YAMLError as error:
        raise YAMLError(f"{path}: {error}") from error


def machine_of(path: str, text: str) -> Machine:
    try:
        document = json.loads(text)
    except ValueError:
        document = {}
    return Machine(path, text, document)


def policies_of(properties: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The policy documents that a resource carries, each with its name in it; trust and key policies too."""
    for name in ("AssumeRolePolicyDocument", "PolicyDocument", "KeyPolicy"):
        if isinstance(properties.get(name), Mapping):
            yield name, properties[name]
    for policy in (one for said in many(properties.get("Policies")) for one in either(said)):
        if isinstance(policy, Mapping) and isinstance(policy.get("PolicyDocument"), Mapping):
            yield str(policy.get("PolicyName", "")), policy["PolicyDocument"]
