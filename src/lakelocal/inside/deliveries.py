"""What services may do to each other: queue, key and function policies for S3, EventBridge and SNS."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from lakelocal.inside.door import Hook, Host, UnknownRole

HOOKS = (
    Hook(
        "ministack.services.sqs",
        "queue_policy_allows",
        ("queue_arn", "service", "source_arn", "source_account"),
    ),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
    Hook("ministack.services.kms", "key_policy_for_arn", ("resource_arn",)),
    Hook("ministack.services.lambda_svc", "function_policy_for_arn", ("resource_arn",)),
    Hook("ministack.services.lambda_svc", "_emit_lambda_logs"),
    Hook("ministack.services.eventbridge", "_invoke_target", ("target", "event", "rule", "view")),
    Hook("ministack.core.iam_evaluator", "evaluate_resource_policy"),
)
logger = logging.getLogger("lakelocal.deliveries")


def install(host: Host) -> None:
    from ministack.services import eventbridge, lambda_svc, sqs

    sqs.queue_policy_allows = _with_key(sqs.queue_policy_allows)
    eventbridge._invoke_target = _permitted_target(host, eventbridge._invoke_target)
    lambda_svc._emit_lambda_logs = _permitted_logs(host, lambda_svc._emit_lambda_logs)


def policy_lets_in(document: object, service: str, action: str, resource: str, source_arn: str, account: str) -> bool:
    """Whether a resource's policy lets an AWS service act on it for this source."""
    from ministack.core import iam_evaluator, responses

    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        service_context={
            "aws:sourcearn": source_arn,
            "aws:sourceaccount": account,
            "kms:calleraccount": account,
        },
    )
    found = iam_evaluator.evaluate_resource_policy(document, context, service=service)
    return bool(found.decision == "Allow")


def _with_key(inner: Callable[[str, str, str, str], bool]) -> Callable[[str, str, str, str], bool]:
    """A service that may send to a queue must also be let in by the key that encrypts it."""

    def allows(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        if not inner(queue_arn, service, source_arn, source_account):
            return False
        return _key_lets_in(queue_arn, service, source_arn, source_account)

    return allows


def _key_lets_in(queue_arn: str, service: str, source_arn: str, account: str) -> bool:
    from ministack.services import kms, sqs

    queue = sqs._queue_by_arn(queue_arn)
    record = kms._resolve_key(queue["attributes"].get("KmsMasterKeyId", "")) if queue else None
    if record is None:
        return True
    needed = ("kms:GenerateDataKey", "kms:Decrypt")
    policy = record.get("Policy") or ""
    return all(policy_lets_in(policy, service, action, record["Arn"], source_arn, account) for action in needed)


def _permitted_target(host: Host, inner: Callable[..., None]) -> Callable[..., None]:
    """EventBridge delivers only where the target's policy, or the target's role, lets it."""

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        wrong = _target_refusal(host, target, rule)
        if wrong:
            logger.warning("EventBridge could not deliver to %s: %s", target.get("Arn"), wrong)
            return
        inner(target, event, rule, view)

    return invoke


def _target_refusal(host: Host, target: dict[str, Any], rule: dict[str, Any]) -> str | None:
    from ministack.core.responses import get_account_id
    from ministack.services import lambda_svc, sqs

    arn, source = str(target.get("Arn", "")), str(rule.get("Arn", ""))
    principal, account = "events.amazonaws.com", get_account_id()
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if service == "sqs" and not sqs.queue_policy_allows(arn, principal, source, account):
        return "the queue's policy or its key's policy does not allow events.amazonaws.com"
    if service == "lambda":
        found = lambda_svc.function_policy_for_arn(arn)
        if found and not policy_lets_in(found[0], principal, "lambda:InvokeFunction", arn, source, account):
            return "the function's policy does not allow events.amazonaws.com"
    if service == "states":
        try:
            credentials = host.role_credentials(str(target.get("RoleArn", "")), "events", principal)
        except UnknownRole as error:
            return str(error)
        return host.denial(credentials, "states:StartExecution", arn)
    return None


def _permitted_logs(host: Host, inner: Callable[..., None]) -> Callable[..., None]:
    """A function writes logs as its role; without permission there are none, and nothing fails."""

    def emit(func: dict[str, Any], *rest: Any, **more: Any) -> None:
        config = func.get("config") or func
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        if may_log(host, str(config.get("Role", "")), group):
            inner(func, *rest, **more)

    return emit


def may_log(host: Host, role_arn: str, group: str) -> bool:
    """Whether a role may write streams of this log group."""
    arn = f"arn:aws:logs:{host.region}:{host.account}:log-group:{group}:log-stream:any"
    try:
        credentials = host.role_credentials(role_arn, "logs")
    except UnknownRole:
        return False
    return all(host.denial(credentials, f"logs:{action}", arn) is None for action in LOG_ACTIONS)


LOG_ACTIONS = ("CreateLogStream", "PutLogEvents")
