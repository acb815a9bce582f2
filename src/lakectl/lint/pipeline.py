"""What CodePipeline would refuse only when the stack is made, or an action only when it runs.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakectl.lint.document import either, many, strings_in
from lakectl.lint.project import Project, Resource, Template
from lakectl.specs.finding import Finding
from lakectl.specs.name import nearest

ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Source", "CodeCommit"): ("RepositoryName", "BranchName"),
    ("Source", "CodeStarSourceConnection"): ("ConnectionArn", "FullRepositoryId", "BranchName"),
    ("Source", "S3"): ("S3Bucket", "S3ObjectKey"),
    ("Build", "CodeBuild"): ("ProjectName",),
    ("Test", "CodeBuild"): ("ProjectName",),
    ("Deploy", "S3"): ("BucketName", "Extract"),
    ("Deploy", "CloudFormation"): ("ActionMode", "StackName"),
    ("Invoke", "Lambda"): ("FunctionName",),
    ("Invoke", "StepFunctions"): ("StateMachineArn",),
    ("Approval", "Manual"): (),
}
"""The actions of AWS that a data lake has use for, and what each must be told."""
MODES = ("CHANGE_SET_EXECUTE", "CHANGE_SET_REPLACE", "CREATE_UPDATE", "DELETE_ONLY", "REPLACE_ON_FAILURE")
NAME = re.compile(r"[A-Za-z0-9@_-]+")
VARIABLE = re.compile(r"#\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a pipeline, in whatever branch of a condition."""

    stage: str
    name: str
    says: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.says.get("Configuration") or {}


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for pipeline in template.of_type("AWS::CodePipeline::Pipeline"):
            yield from _of_type(template, pipeline)
            spaces = {"variables", "codepipeline"}
            for action in _actions(pipeline):
                yield from _of_action(template, pipeline, action)
                yield from _of_variables(template, pipeline, action, spaces)
                spaces |= {str(action.says["Namespace"])} if "Namespace" in action.says else set()


def _actions(pipeline: Resource) -> Iterator[Action]:
    for stage in (one for said in many(pipeline.properties.get("Stages")) for one in either(said)):
        for says in (one for said in many(stage.get("Actions")) for one in either(said)):
            yield Action(str(stage.get("Name")), str(says.get("Name")), says)


def _of_type(template: Template, pipeline: Resource) -> Iterator[Finding]:
    said = pipeline.properties
    if said.get("PipelineType", "V1") != "V2" and (said.get("Triggers") or said.get("Variables")):
        message = "only a pipeline of the type V2 has triggers and variables."
        yield template.finding((pipeline.name,), message, "Set PipelineType: V2.")
    for variable in many(said.get("Variables")):
        if not NAME.fullmatch(str(variable.get("Name"))):
            message = f"'{variable.get('Name')}' is no name for a variable: letters, digits, @ _ -."
            yield template.finding((pipeline.name, "Variables"), message)


def _of_action(template: Template, pipeline: Resource, action: Action) -> Iterator[Finding]:
    kind, where = action.says.get("ActionTypeId") or {}, (pipeline.name, action.name)
    named = (str(kind.get("Category")), str(kind.get("Provider")))
    if named not in ACTIONS or kind.get("Owner") != "AWS":
        hint = nearest("/".join(named), ["/".join(one) for one in ACTIONS])
        yield template.finding(where, f"{'/'.join(named)} is no action of AWS that we know.", hint)
        return
    for name in ACTIONS[named]:
        if name not in action.settings:
            yield template.finding(where, f"{'/'.join(named)} must be told its {name}.", "Set it in Configuration.")
    mode = action.settings.get("ActionMode")
    if named == ("Deploy", "CloudFormation") and isinstance(mode, str) and mode not in MODES:
        yield template.finding(where, f"{mode} is no ActionMode.", nearest(mode, MODES))


def _of_variables(template: Template, pipeline: Resource, action: Action, spaces: set[str]) -> Iterator[Finding]:
    for text in strings_in(action.settings):
        for said in VARIABLE.findall(text):
            space, dot, name = said.partition(".")
            if not dot or not NAME.fullmatch(name) or space not in spaces:
                hint = f"Write #{{namespace.Name}}; known here: {', '.join(sorted(spaces))}."
                message = f"nothing sets #{{{said}}} before this action."
                yield template.finding((pipeline.name, action.name), message, hint)
