"""Roles: one for each function, trusted by its service, and within the team's boundary below the platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lakectl.lint.document import many, target_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

ROLE_OF = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
    "AWS::Glue::Job": ("Role", "glue.amazonaws.com"),
}
BELOW = ("team/", "pipelines/", "datasets/")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        yield from _bounded(template)
        used = Counter(_role_of(resource) for resource in template.resources.values() if resource.type in ROLE_OF)
        for resource in template.resources.values():
            if resource.type in ROLE_OF:
                yield from _trusted(template, resource, used)


def _role_of(resource: Resource) -> str:
    return target_of(resource.properties.get(ROLE_OF[resource.type][0]))


def _bounded(template: Template) -> Iterator[Finding]:
    if not template.path.startswith(BELOW):
        return
    for role in template.of_type("AWS::IAM::Role"):
        if not role.properties.get("PermissionsBoundary"):
            hint = "Set PermissionsBoundary to the team's boundary-arn."
            yield template.finding((role.name,), "is not kept within its team.", hint)


def _trusted(template: Template, resource: Resource, used: Counter[str]) -> Iterator[Finding]:
    name, service = _role_of(resource), ROLE_OF[resource.type][1]
    role = template.resources.get(name)
    if role is None or role.type != "AWS::IAM::Role":
        yield template.finding((resource.name,), "has no role in this template.", "Give it a role of its own.")
        return
    if used[name] > 1:
        yield template.finding((resource.name,), f"shares {name} with another.", "Give each a role of its own.")
    trust = (role.properties.get("AssumeRolePolicyDocument") or {}).get("Statement")
    if not any((one.get("Principal") or {}).get("Service") == service for one in many(trust)):
        yield template.finding((name,), f"does not trust {service}.", f"{resource.name} cannot run without that.")
