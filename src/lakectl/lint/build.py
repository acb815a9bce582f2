"""What CodeBuild would refuse only when the stack is made, or a build only when it runs.

Sources: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml  # type: ignore[import-untyped]

from lakectl.lint.document import either, many, text_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest

TYPES = ("LINUX_CONTAINER", "ARM_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER", "LINUX_GPU_CONTAINER")
SIZES = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")
COMPUTE = (
    *(f"BUILD_GENERAL1_{size}" for size in SIZES),
    *(f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10)),
)
PHASES = ("install", "pre_build", "build", "post_build")
VARIABLE = re.compile(r"(?!CODEBUILD_)[A-Za-z_]\w*")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for one in template.of_type("AWS::CodeBuild::Project"):
            environment = one.properties.get("Environment") or {}
            for name, known in (("Type", TYPES), ("ComputeType", COMPUTE)):
                for value in either(environment.get(name)):
                    if isinstance(value, str) and value not in known:
                        words = (one.name, "Environment", value)
                        yield template.finding(words, f"{value} is no {name} of a build.", nearest(value, known))
            for variable in many(environment.get("EnvironmentVariables")):
                if not VARIABLE.fullmatch(str(variable.get("Name"))):
                    said = f"'{variable.get('Name')}' is no name for a variable of a build."
                    yield template.finding((one.name, "EnvironmentVariables"), said)
            yield from _of_buildspec(template, one)


def _of_buildspec(template: Template, one: Resource) -> Iterator[Finding]:
    """A buildspec of several lines is read here; one of a line names a file, which a test of its own reads."""
    for said in either((one.properties.get("Source") or {}).get("BuildSpec")):
        if "\n" in text_of(said):
            for message in _wrong(text_of(said)):
                yield template.finding((one.name, "BuildSpec"), f"its buildspec {message}")


def _wrong(text: str) -> Iterator[str]:
    try:
        spec: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"is no YAML: {' '.join(str(error).split())}"
        return
    if not isinstance(spec, Mapping) or str(spec.get("version")) != "0.2":
        yield "does not begin with `version: 0.2`."
        return
    phases = spec.get("phases") or {}
    for name in phases:
        if name not in PHASES:
            yield f"has no phase '{name}'. {nearest(str(name), PHASES)}"
    if not any((phase or {}).get("commands") for phase in phases.values()):
        yield "has no commands."
