"""Functions are called by their alias: it names one version, moves with a deployment, and goes back with it.

A version holds code and configuration. CloudFormation publishes one where its Description changes, and Lambda
refuses to publish a function that did not change: so both say the release that `lake deploy` computes.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakectl.lint.document import either, many, target_of, text_of
from lakectl.lint.project import SSM_REFERENCE, Project, Resource, Template
from lakectl.plan.template import references
from lakectl.release import LIVE, PARAMETER
from lakectl.specs.finding import Finding

FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
NAMING = (VERSION, ALIAS, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SSM::Parameter")
"""What names a function without calling it: its metrics are counted over all its versions."""
INVOKE = "lambda:InvokeFunction"
CALL_BY = f"Name its alias `{LIVE}` instead."


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for function in template.of_type(FUNCTION):
            yield from _published(template, function)
        for resource in template.resources.values():
            if resource.type not in NAMING and not resource.type.startswith("AWS::IAM::"):
                yield from _called(project, template, resource)
        for statement in template.statements:
            if INVOKE in statement.actions and not _leads_to_aliases(template, statement.says.get("Resource")):
                message = "lets somebody call a function past its alias."
                yield template.finding((statement.resource.name, statement.sid), message, CALL_BY)


def _published(template: Template, function: Resource) -> Iterator[Finding]:
    """Whether a function has an alias, and its alias a version that is published whenever the function changes."""
    aliases = [one for one in template.of_type(ALIAS) if target_of(one.properties.get("FunctionName")) == function.name]
    if [one.properties.get("Name") for one in aliases] != [LIVE]:
        yield template.finding((function.name,), f"has no alias `{LIVE}`.", "Add an AWS::Lambda::Alias, and call that.")
        return
    version = template.resources.get(target_of(aliases[0].properties.get("FunctionVersion")))
    if version is None or version.type != VERSION:
        hint = "Set FunctionVersion to !GetAtt of an AWS::Lambda::Version."
        yield template.finding((aliases[0].name,), "does not follow a version of this template.", hint)
        return
    for one in (function, version):
        if PARAMETER not in references(one.properties.get("Description")):
            message = "does not say its release, so a change would not be published."
            yield template.finding((one.name,), message, f"Put ${{{PARAMETER}}} into its Description.")


def _called(project: Project, template: Template, resource: Resource) -> Iterator[Finding]:
    """What a resource calls: a function of its template, or one that another template wrote down."""
    for name in dict.fromkeys(references(dict(resource.properties))):
        if name in template.resources and template.resources[name].type == FUNCTION:
            yield template.finding((resource.name,), f"calls {name} past its alias.", CALL_BY)
    for value in _texts(resource.properties):
        found = project.resource_behind(template, value) if SSM_REFERENCE.search(text_of(value)) else None
        if found is not None and found[1].type == FUNCTION and resource.type != FUNCTION:
            yield template.finding((resource.name,), f"calls {found[1].name} past its alias.", CALL_BY)


def _leads_to_aliases(template: Template, value: Any) -> bool:
    """Whether a statement's resources are aliases, or patterns that leave the end of the name open."""
    if text := text_of(value):
        return text.endswith((f":{LIVE}", "*"))
    if isinstance(value, dict) and "Fn::If" not in value:
        named = template.resources.get(target_of(value))
        return named is None or named.type == ALIAS
    return all(_leads_to_aliases(template, one) for each in many(value) for one in either(each))


def _texts(value: Any) -> Iterator[Any]:
    """Every text inside a value, those of `!Sub` whole."""
    if text_of(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
