"""A rule that starts what has no policy of its own brings a role: one that EventBridge may take, and that may start it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from lakectl.lint.document import many, target_of, text_of
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding

EVENTS = "events.amazonaws.com"
STARTS = {
    "codebuild": "codebuild:StartBuild",
    "codepipeline": "codepipeline:StartPipelineExecution",
    "states": "states:StartExecution",
}
"""What a rule starts by a role alone."""
OF_TYPE = {
    "AWS::CodeBuild::Project": "codebuild",
    "AWS::CodePipeline::Pipeline": "codepipeline",
    "AWS::StepFunctions::StateMachine": "states",
}


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for rule in template.of_type("AWS::Events::Rule"):
            for target in many(rule.properties.get("Targets")):
                action = STARTS.get(_service(project, template, target))
                if action:
                    yield from _of_role(template, rule, target_of(target.get("RoleArn")), action)


def _service(project: Project, template: Template, target: Mapping[str, Any]) -> str:
    found = project.resource_behind(template, target.get("Arn"))
    if found is not None:
        return OF_TYPE.get(found[1].type, "")
    parts = text_of(target.get("Arn")).replace("AWS::", "").split(":")
    return parts[2] if len(parts) > 2 else ""


def _of_role(template: Template, rule: Resource, name: str, action: str) -> Iterator[Finding]:
    role = template.resources.get(name)
    if role is None:
        hint = "Set its RoleArn to a role of this template."
        yield template.finding((rule.name, "Targets"), f"has no role, and {action} needs one.", hint)
        return
    trust = many((role.properties.get("AssumeRolePolicyDocument") or {}).get("Statement"))
    if not any((one.get("Principal") or {}).get("Service") == EVENTS for one in trust):
        yield template.finding((role.name,), f"does not trust {EVENTS}.", f"{rule.name} starts nothing without that.")
    if not any(fnmatchcase(action, pattern) for pattern in template.allowed(role.name)):
        yield template.finding((role.name,), f"may not do {action}, so {rule.name} starts nothing.", "Allow it.")
