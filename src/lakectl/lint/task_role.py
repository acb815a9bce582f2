"""A state machine's role allows all that its tasks do, also what they do only when an execution is stopped.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lakectl.lint.document import target_of
from lakectl.lint.project import Project, Resource
from lakectl.lint.workflow import call_of, states_of, workflows
from lakectl.specs.finding import Finding

FOLLOWED = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
"""Step Functions hears of the end by a rule of its own."""
NEEDS = {
    "athena:startQueryExecution": ("athena:StartQueryExecution",),
    "athena:startQueryExecution.sync": (
        "athena:StartQueryExecution",
        "athena:GetQueryExecution",
        "athena:StopQueryExecution",
    ),
    "emr-serverless:startJobRun.sync": (
        "emr-serverless:StartJobRun",
        "emr-serverless:GetJobRun",
        "emr-serverless:CancelJobRun",
        "iam:PassRole",
        *FOLLOWED,
    ),
    "events:putEvents": ("events:PutEvents",),
    "glue:startJobRun": ("glue:StartJobRun",),
    "glue:startJobRun.sync": ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"),
    "lambda:invoke": ("lambda:InvokeFunction",),
    "sns:publish": ("sns:Publish",),
    "sqs:sendMessage": ("sqs:SendMessage",),
    "states:startExecution": ("states:StartExecution",),
    "states:startExecution.sync:2": (
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
        *FOLLOWED,
    ),
}


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for machine in template.of_type("AWS::StepFunctions::StateMachine"):
            allowed = template.allowed(target_of(machine.properties.get("RoleArn")))
            for call in sorted(_calls(project, machine)):
                for action in NEEDS.get(call, ()):
                    if not any(fnmatchcase(action, pattern) for pattern in allowed):
                        message = f"its role may not do {action}, which {call} needs."
                        yield template.finding((machine.name, "RoleArn"), message, "Allow it.")


def _calls(project: Project, machine: Resource) -> set[str]:
    return {
        call_of(state)
        for definition in project.definitions_of(machine)
        for workflow in workflows(definition.document)
        for state in states_of(workflow).values()
    }
