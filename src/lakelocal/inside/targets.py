"""What EventBridge and its Scheduler deliver to: by the target's role, or by the policy of what is there.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.judge import KEY_ACTIONS, Judge, Service, account_of

HOOKS = (
    Hook("ministack.services.eventbridge", "_invoke_target", ("target", "event", "rule", "view")),
    Hook("ministack.services.scheduler", "_SCHEDULE_TICK_INTERVAL"),
    Hook("ministack.services.scheduler", "_create_schedule", ("name", "body")),
    Hook("ministack.services.scheduler", "_update_schedule", ("name", "body")),
    Hook("ministack.services.scheduler", "_error", ("status", "code", "message")),
    Hook("ministack.services.lambda_svc", "function_policy_for_arn", ("resource_arn",)),
    Hook("ministack.services.sqs", "queue_policy_for_arn", ("queue_arn",)),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
    Hook("ministack.services.sns", "topic_policy_for_arn", ("topic_arn",)),
    Hook("ministack.services.sns", "_topic_by_arn_any_scope", ("topic_arn",)),
)
ACTIONS = {
    "codebuild": "codebuild:StartBuild",
    "codepipeline": "codepipeline:StartPipelineExecution",
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
    "states": "states:StartExecution",
}
BY_ROLE_ALONE = ("codebuild", "codepipeline", "states")
UNTRUSTED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
TICK_SECONDS = 1  # nobody at a laptop waits ten seconds for a schedule that is due
logger = logging.getLogger("lakelocal.targets")
Target = dict[str, Any]


def install(host: Host, judge: Judge) -> None:
    from ministack.services import eventbridge, scheduler

    eventbridge._invoke_target = _permitted(host, judge, eventbridge._invoke_target)
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_SECONDS
    for name in ("_create_schedule", "_update_schedule"):
        setattr(scheduler, name, _trusted(host, getattr(scheduler, name)))


def _trusted(host: Host, inner: Callable[[str, Target], Any]) -> Callable[[str, Target], Any]:
    """A schedule is taken only with a role that trusts the Scheduler."""

    def accept(name: str, body: Target) -> Any:
        from ministack.services import scheduler

        role = str((body.get("Target") or {}).get("RoleArn") or "")
        try:
            if role:
                host.role_credentials(role, "scheduler", "scheduler.amazonaws.com")
        except UnknownRole:
            return scheduler._error(400, "ValidationException", UNTRUSTED)
        return inner(name, body)

    return accept


def _permitted(host: Host, judge: Judge, inner: Callable[..., None]) -> Callable[..., None]:
    """A delivery that is not allowed does not happen; as on AWS, nobody is told but the service's own record."""

    def invoke(target: Target, event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        wrong = refusal(host, judge, target, str(rule.get("Arn", "")))
        if wrong:
            logger.warning("%s could not deliver to %s: %s", rule.get("Arn"), target.get("Arn"), wrong)
            return
        inner(target, event, rule, view)

    return invoke


def refusal(host: Host, judge: Judge, target: Target, source: str) -> str | None:
    """Why this rule or schedule may not deliver to this target, or None."""
    arn, role = str(target.get("Arn", "")), str(target.get("RoleArn") or "")
    kind = arn.split(":")[2] if arn.count(":") >= 5 else ""
    scheduled = source.startswith("arn:aws:scheduler:")
    principal = "scheduler.amazonaws.com" if scheduled else "events.amazonaws.com"
    if kind not in ACTIONS or (kind == "events" and not role):
        return None
    if scheduled or role or kind in BY_ROLE_ALONE:
        return _refusal_by_role(host, role, principal, kind, arn)
    return _refusal_by_policy(judge, Service(principal, source, account_of(source)), kind, arn)


def _refusal_by_role(host: Host, role: str, principal: str, kind: str, arn: str) -> str | None:
    try:
        credentials = host.role_credentials(role, principal.split(".")[0], principal)
    except UnknownRole as error:
        return str(error)
    demanded = [(ACTIONS[kind], arn), *((action, key) for key in _keys(kind, arn) for action in KEY_ACTIONS)]
    denials = (host.denial(credentials, action, resource) for action, resource in demanded)
    return next((found for found in denials if found), None)


def _refusal_by_policy(judge: Judge, service: Service, kind: str, arn: str) -> str | None:
    if not judge.allows(service, ACTIONS[kind], arn, _policy(kind, arn)):
        return f"no resource-based policy allows the {ACTIONS[kind]} action to {service.principal}"
    if not all(judge.opens_key(service, key) for key in _keys(kind, arn)):
        return f"the policy of the key that encrypts it does not let {service.principal} in"
    return None


def _policy(kind: str, arn: str) -> object:
    from ministack.services import lambda_svc, sns, sqs

    lookup = {
        "lambda": lambda_svc.function_policy_for_arn,
        "sns": sns.topic_policy_for_arn,
        "sqs": sqs.queue_policy_for_arn,
    }
    found = lookup[kind](arn)
    return found[0] if found else None


def _keys(kind: str, arn: str) -> Iterator[str]:
    """The ARN of the account's own key that encrypts a queue or a topic."""
    from ministack.services import kms, sns, sqs

    found: Any = None
    if kind == "sqs":
        found = sqs._queue_by_arn(arn)
    elif kind == "sns":
        found = sns._topic_by_arn_any_scope(arn)
    record = kms._resolve_key((found or {}).get("attributes", {}).get("KmsMasterKeyId", "")) if found else None
    if record is not None:
        yield str(record["Arn"])
