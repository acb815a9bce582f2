"""What S3, SNS, CloudWatch and Lambda may deliver: the policy of queue, topic, key, function or role decides."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.judge import Judge, Service, account_of

HOOKS = (
    Hook(
        "ministack.services.sqs",
        "queue_policy_allows",
        ("queue_arn", "service", "source_arn", "source_account"),
    ),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
    Hook("ministack.services.sqs", "queue_policy_for_arn", ("queue_arn",)),
    Hook("ministack.services.sns", "topic_policy_for_arn", ("topic_arn",)),
    Hook("ministack.services.sns", "_topic_by_arn_any_scope", ("topic_arn",)),
    Hook("ministack.services.sns", "topic_policy_allows", ("topic_arn", "service", "source_arn", "source_account")),
    Hook("ministack.services.sns", "_deliver_to_lambda"),
    Hook("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"),
    Hook("ministack.services.cloudwatch", "_dispatch_alarm_actions", ("alarm", "old_state", "new_state", "reason")),
    Hook("ministack.services.lambda_svc", "function_policy_for_arn", ("resource_arn",)),
    Hook("ministack.services.lambda_svc", "_emit_lambda_logs"),
)
ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
LOG_ACTIONS = ("CreateLogStream", "PutLogEvents")
logger = logging.getLogger("lakelocal.deliveries")


def install(host: Host, judge: Judge) -> None:
    from ministack.services import cloudwatch, lambda_svc, sns, sqs
    from ministack.services.cloudformation import provisioners

    sqs.queue_policy_allows = _to_queue(judge)
    sns.topic_policy_allows = _to_topic(judge)
    handler = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    handler["create"] = _born_closed(host, handler["create"])
    sns._deliver_to_lambda = _to_function(judge, sns._deliver_to_lambda)
    cloudwatch._dispatch_alarm_actions = _to_topics(judge, cloudwatch._dispatch_alarm_actions)
    lambda_svc._emit_lambda_logs = _permitted_logs(host, lambda_svc._emit_lambda_logs)


def _to_queue(judge: Judge) -> Callable[[str, str, str, str], bool]:
    """A service that may send to a queue must also be let in by the key that encrypts it."""

    def allows(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        from ministack.services import sqs

        queue, asking = sqs._queue_by_arn(queue_arn), Service(service, source_arn, source_account)
        if queue is None:
            return False
        policy = queue["attributes"].get("Policy") or ""
        owner = {"aws:sourceowner": source_account}
        key = queue["attributes"].get("KmsMasterKeyId", "")
        return judge.allows(asking, "sqs:SendMessage", queue_arn, policy, owner) and judge.opens_key(asking, key)

    return allows


def _to_topic(judge: Judge) -> Callable[[str, str, str, str], bool]:
    """A bucket reaches a topic by the topic's policy and its key's; the policy that a topic is born with is none."""

    def allows(topic_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        return publishes(judge, Service(service, source_arn, source_account), topic_arn)

    return allows


def _born_closed(host: Host, inner: Callable[..., Any]) -> Callable[..., Any]:
    """A stack's topic has its key, and is born with a policy that lets in the account that owns it, and nobody else."""

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        from ministack.services import sns

        made = inner(logical_id, properties, stack_name)
        attributes = sns._topic_by_arn_any_scope(made[0])["attributes"]
        policy = json.loads(attributes["Policy"])
        for statement in policy["Statement"]:
            statement.setdefault("Condition", {"StringEquals": {"AWS:SourceOwner": host.present}})
        attributes["Policy"] = json.dumps(policy)
        if key := properties.get("KmsMasterKeyId"):
            attributes["KmsMasterKeyId"] = str(key)
        return made

    return create


def _to_function(judge: Judge, inner: Callable[..., None]) -> Callable[..., None]:
    """A topic reaches a function only by the function's policy."""

    def deliver(endpoint: str, envelope: str, topic_arn: str, *rest: Any, **more: Any) -> None:
        from ministack.services import lambda_svc

        found = lambda_svc.function_policy_for_arn(endpoint)
        service = Service("sns.amazonaws.com", topic_arn, account_of(topic_arn))
        if not judge.allows(service, "lambda:InvokeFunction", endpoint, found[0] if found else None):
            logger.warning("%s could not deliver to %s: the function's policy does not let it in", topic_arn, endpoint)
            return
        inner(endpoint, envelope, topic_arn, *rest, **more)

    return deliver


def _to_topics(judge: Judge, inner: Callable[..., None]) -> Callable[..., None]:
    """An alarm is published on the topics whose policy, and whose key's policy, let CloudWatch in."""

    def dispatch(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
        source = str(alarm.get("AlarmArn", ""))
        service = Service("cloudwatch.amazonaws.com", source, account_of(source))

        def open_to_it(arn: str) -> bool:
            if ":sns:" not in arn or publishes(judge, service, arn, {"aws:sourceowner": service.account}):
                return True
            logger.warning("%s could not be published on %s: its policy or its key's does not allow it", service, arn)
            return False

        reached = {name: [arn for arn in alarm.get(name) or [] if open_to_it(arn)] for name in ALARM_ACTIONS}
        inner({**alarm, **reached}, old_state, new_state, reason)

    return dispatch


def publishes(judge: Judge, service: Service, topic_arn: str, more: Mapping[str, object] | None = None) -> bool:
    """Whether a service may publish on a topic; `more` are keys that it adds to the conditions of the policy."""
    from ministack.services import sns

    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return False
    policy, key = topic["attributes"].get("Policy") or "", topic["attributes"].get("KmsMasterKeyId", "")
    return judge.allows(service, "sns:Publish", topic_arn, policy, more) and judge.opens_key(service, key)


def _permitted_logs(host: Host, inner: Callable[..., None]) -> Callable[..., None]:
    """A function writes logs as its role; without permission there are none, and nothing fails."""

    def emit(func: dict[str, Any], *rest: Any, **more: Any) -> None:
        config = func.get("config") or func
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        if may_log(host, str(config.get("Role", "")), group):
            inner(func, *rest, **more)

    return emit


def may_log(host: Host, role_arn: str, group: str, actions: tuple[str, ...] = LOG_ACTIONS) -> bool:
    """Whether a role may write streams of this log group; `actions` are what its service calls for that."""
    groups = f"arn:aws:logs:{host.region}:{account_of(role_arn)}:log-group:"
    of_all, of_this = f"{groups}:log-stream:", f"{groups}{group}:log-stream:any"
    try:
        credentials = host.role_credentials(role_arn, "logs")
    except UnknownRole:
        return False
    asked = ((f"logs:{action}", of_all if action == "DescribeLogGroups" else of_this) for action in actions)
    return all(host.denial(credentials, action, arn) is None for action, arn in asked)
