"""A log group is encrypted only with a key whose policy lets CloudWatch Logs in: AWS looks when they are joined.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.judge import Judge, Service

MODULE = "ministack.services.cloudwatch_logs"
PROVISIONERS = "ministack.services.cloudformation.provisioners"
HOOKS = (
    Hook(MODULE, "_create_log_group", ("data",)),
    Hook(PROVISIONERS, "_RESOURCE_HANDLERS"),
    Hook("ministack.services.kms", "_resolve_key", ("key_id_or_arn",)),
)
ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
)
Answer = tuple[int, dict[str, str], bytes]


def install(host: Host, judge: Judge) -> None:
    from ministack.services import cloudwatch_logs
    from ministack.services.cloudformation import provisioners

    cloudwatch_logs._create_log_group = _checked(host, judge, cloudwatch_logs._create_log_group)
    handler = provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"]
    handler["create"] = _checked_resource(host, judge, handler["create"])


def refusal(host: Host, judge: Judge, group: str, key: str) -> str | None:
    """Why this group cannot be encrypted with this key, in the words of CloudWatch Logs, or None."""
    from ministack.services import kms

    if not key:
        return None
    arn = f"arn:aws:logs:{host.region}:{host.present}:log-group:{group}"
    service = Service(f"logs.{host.region}.amazonaws.com", arn, host.present)
    context = {"kms:encryptioncontext:aws:logs:arn": arn}
    if kms._resolve_key(key) is not None and judge.opens_key(service, key, ACTIONS, context):
        return None
    return f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"


def _checked(host: Host, judge: Judge, inner: Callable[[dict[str, Any]], Answer]) -> Callable[..., Answer]:
    def create(data: dict[str, Any]) -> Answer:
        from ministack.core.responses import error_response_json

        wrong = refusal(host, judge, str(data.get("logGroupName", "")), str(data.get("kmsKeyId") or ""))
        if wrong:
            refused: Answer = error_response_json("AccessDeniedException", wrong, 400)
            return refused
        return inner(data)

    return create


def _checked_resource(host: Host, judge: Judge, inner: Callable[..., Any]) -> Callable[..., Any]:
    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        name = str(properties.get("LogGroupName") or f"{stack_name}-{logical_id}")
        wrong = refusal(host, judge, name, str(properties.get("KmsKeyId") or ""))
        if wrong:
            raise ValueError(
                f'Resource handler returned message: "{wrong} (Service: CloudWatchLogs, Status Code: 400)"'
            )
        return inner(logical_id, properties, stack_name)

    return create
