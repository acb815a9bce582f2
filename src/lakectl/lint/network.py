"""Where an environment has a network, whatever runs stands in it, and an endpoint lets the account alone pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import many, text_of
from lakectl.lint.project import Project, Template
from lakectl.specs.finding import Finding

ENDPOINT = "AWS::EC2::VPCEndpoint"
STANDS_BY = {
    "AWS::Lambda::Function": "VpcConfig",
    "AWS::Glue::Job": "Connections",
    "AWS::EMRServerless::Application": "NetworkConfiguration",
}
OUTSIDE = "templates/"
"""Pipelines deploy the lake from outside of its network."""
CONDITION = "HasNetwork"


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        if not template.path.startswith(OUTSIDE):
            yield from _outside(template)
        yield from _open(template)


def _outside(template: Template) -> Iterator[Finding]:
    for resource in template.of_type(*STANDS_BY):
        name = STANDS_BY[resource.type]
        chosen = resource.properties.get(name)
        if not isinstance(chosen, Mapping) or many(chosen.get("Fn::If"))[:1] != [CONDITION]:
            hint = f"Set {name} to !If [{CONDITION}, …, !Ref AWS::NoValue], like the functions and jobs of the lake."
            yield template.finding((resource.name,), "would stand outside of the network.", hint)


def _open(template: Template) -> Iterator[Finding]:
    for endpoint in template.of_type(ENDPOINT):
        if not endpoint.properties.get("PolicyDocument"):
            yield template.finding((endpoint.name,), "lets everybody pass.", "Give it a PolicyDocument.")
    for statement in template.statements:
        if statement.resource.type == ENDPOINT and not _bounded(statement.says):
            hint = "Add Condition: {StringEquals: {aws:PrincipalAccount: !Ref AWS::AccountId}}, or name one resource."
            yield template.finding((statement.resource.name, statement.sid), "lets other accounts pass.", hint)


def _bounded(says: Mapping[str, Any]) -> bool:
    account = ((says.get("Condition") or {}).get("StringEquals") or {}).get("aws:PrincipalAccount")
    return account == {"Ref": "AWS::AccountId"} or all(
        text_of(one).startswith("arn:") for one in many(says["Resource"])
    )
