"""A name fits its service, whatever the parts of which it is made: the local cloud takes longer ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lakectl.lint.document import either, text_of
from lakectl.lint.project import Project, Template
from lakectl.specs.finding import Finding
from lakectl.specs.name import LONGEST_SHORT, LONGEST_TEAM

MOST: dict[str, tuple[str, int]] = {
    "AWS::Athena::WorkGroup": ("Name", 128),
    "AWS::CloudTrail::Trail": ("TrailName", 128),
    "AWS::CodeBuild::Project": ("Name", 255),
    "AWS::CodePipeline::Pipeline": ("Name", 100),
    "AWS::EMRServerless::Application": ("Name", 64),
    "AWS::Events::EventBus": ("Name", 256),
    "AWS::Glue::Job": ("Name", 255),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", 80),
}
"""Type to the property that names it and the characters that its API allows."""
PARTS = {
    "AWS::AccountId": 12,
    "AWS::Region": len("ap-southeast-1"),
    **dict.fromkeys(("Domain", "Environment", "Target"), LONGEST_SHORT),
    **dict.fromkeys(("Team", "Owner", "InNames"), LONGEST_TEAM),
}
"""The most characters of what names are made of."""
PIPELINES, THEIR_ENVIRONMENT = "templates/cicd/", len("cicd")
PLACE = re.compile(r"\$\{([\w:]+)\}")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource in template.of_type(*MOST):
            property_name, most = MOST[resource.type]
            for said in either(resource.properties.get(property_name)):
                longest = _longest(template, text_of(said))
                if longest > most:
                    message = f"may have {longest} characters; {resource.type} allows {most}."
                    yield template.finding((resource.name, property_name), message, "Shorten what is the same in all.")


def _longest(template: Template, text: str) -> int:
    parts = (_of_part(template, name) for name in PLACE.findall(text))
    return len(PLACE.sub("", text)) + sum(parts)


def _of_part(template: Template, name: str) -> int:
    if name == "Environment" and template.path.startswith(PIPELINES):
        return THEIR_ENVIRONMENT
    said: Mapping[str, Any] = template.parameters.get(name, {})
    listed = max((len(str(one)) for one in said.get("AllowedValues", ())), default=0)
    return PARTS.get(name, int(said.get("MaxLength", listed)))
