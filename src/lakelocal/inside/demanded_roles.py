"""Who hands a role to a service must be allowed to pass that role to that service.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lakelocal.inside.request import Demand, Request

Passed = Callable[[Request], Iterator[str]]


def of_request(request: Request) -> Iterator[Demand]:
    """A demand for every role that this request hands over."""
    found = PASSED.get(request.action)
    if found is None:
        return
    principal, roles = found
    for role in roles(request):
        yield passing(role, principal, request.account)


def passing(role: str, principal: str, account: str) -> Demand:
    """What passing a role, named or by its ARN, to a service asks for."""
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
    return Demand("iam:PassRole", arn, {"iam:passedtoservice": principal})


def _member(path: str) -> Passed:
    def roles(request: Request) -> Iterator[str]:
        found: object = request.json()
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if found:
            yield str(found)

    return roles


def _parameter(name: str) -> Passed:
    def roles(request: Request) -> Iterator[str]:
        if request.parameter(name):
            yield request.parameter(name)

    return roles


def _of_targets(request: Request) -> Iterator[str]:
    for target in request.json().get("Targets") or []:
        if target.get("RoleArn"):
            yield str(target["RoleArn"])


CLOUDFORMATION = ("cloudformation.amazonaws.com", _parameter("RoleARN"))
SCHEDULER = ("scheduler.amazonaws.com", _member("Target.RoleArn"))
PASSED: dict[str, tuple[str, Passed]] = {
    "cloudformation:ContinueUpdateRollback": CLOUDFORMATION,
    "cloudformation:CreateChangeSet": CLOUDFORMATION,
    "cloudformation:CreateStack": CLOUDFORMATION,
    "cloudformation:DeleteStack": CLOUDFORMATION,
    "cloudformation:RollbackStack": CLOUDFORMATION,
    "cloudformation:UpdateStack": CLOUDFORMATION,
    "codebuild:CreateProject": ("codebuild.amazonaws.com", _member("serviceRole")),
    "codebuild:UpdateProject": ("codebuild.amazonaws.com", _member("serviceRole")),
    "codepipeline:CreatePipeline": ("codepipeline.amazonaws.com", _member("pipeline.roleArn")),
    "codepipeline:UpdatePipeline": ("codepipeline.amazonaws.com", _member("pipeline.roleArn")),
    "emr-serverless:StartJobRun": ("emr-serverless.amazonaws.com", _member("executionRoleArn")),
    "events:PutRule": ("events.amazonaws.com", _member("RoleArn")),
    "events:PutTargets": ("events.amazonaws.com", _of_targets),
    "glue:CreateCrawler": ("glue.amazonaws.com", _member("Role")),
    "glue:CreateJob": ("glue.amazonaws.com", _member("Role")),
    "glue:UpdateCrawler": ("glue.amazonaws.com", _member("Role")),
    "glue:UpdateJob": ("glue.amazonaws.com", _member("JobUpdate.Role")),
    "lambda:CreateFunction": ("lambda.amazonaws.com", _member("Role")),
    "lambda:UpdateFunctionConfiguration": ("lambda.amazonaws.com", _member("Role")),
    "scheduler:CreateSchedule": SCHEDULER,
    "scheduler:UpdateSchedule": SCHEDULER,
    "states:CreateStateMachine": ("states.amazonaws.com", _member("roleArn")),
    "states:UpdateStateMachine": ("states.amazonaws.com", _member("roleArn")),
}
