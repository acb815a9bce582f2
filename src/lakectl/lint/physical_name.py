"""Names are CloudFormation's, but for what outsiders or policies must know beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.lint.document import text_of
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding

PREFIX = r"\$\{Domain\}-\$\{Environment\}-"
NAMED: dict[str, tuple[str, str]] = {
    "AWS::S3::Bucket": ("BucketName", PREFIX + r"\$\{AWS::AccountId\}-\$\{AWS::Region\}-[a-z]+"),
    "AWS::SQS::Queue": ("QueueName", PREFIX + r"\$\{Team\}-stage-[a-z]+(-dead)?"),
    "AWS::Lambda::Function": ("FunctionName", PREFIX + r"\$\{Team\}-[a-z-]+"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", PREFIX + r"\$\{Team\}-[a-z-]+"),
    "AWS::Glue::Job": ("Name", PREFIX + r"\$\{Team\}-[a-z-]+"),
    "AWS::EMRServerless::Application": ("Name", PREFIX + r"\$\{Team\}-[a-z-]+"),
    "AWS::Athena::WorkGroup": ("Name", PREFIX + r"\$\{Team\}"),
    "AWS::Logs::LogGroup": ("LogGroupName", r"(/aws/vendedlogs)?/lake/\$\{Domain\}/\$\{Environment\}/.+"),
    "AWS::DynamoDB::Table": ("TableName", ""),
    "AWS::SNS::Topic": ("TopicName", ""),
    "AWS::IAM::Role": ("RoleName", PREFIX + r"(\$\{Target\}-)?(deploy|verify|teams)-(\$\{InNames\}|platform)"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", ""),
    "AWS::Events::Rule": ("Name", ""),
    "AWS::CloudWatch::Alarm": ("AlarmName", ""),
}
"""Type to the property that names it and the form that a name may have; no form, no name."""


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for resource in template.resources.values():
            property_name, form = NAMED.get(resource.type, ("", ""))
            if property_name not in resource.properties:
                continue
            if not form:
                yield template.finding(
                    (resource.name, property_name),
                    "nothing outside the stack relies on this name.",
                    f"Leave {property_name} out, and write what CloudFormation names it to SSM.",
                )
            elif not re.fullmatch(form, text_of(resource.properties[property_name])):
                example = form.replace("\\", "")
                hint = f"Policies expect {example}."
                yield template.finding((resource.name, property_name), "does not follow the lake's names.", hint)
