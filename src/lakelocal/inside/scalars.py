"""Numbers and booleans of a template, which parameters carry as text, made what CloudFormation makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]

NUMBERS: dict[str, tuple[str, ...]] = {
    "AWS::Athena::WorkGroup": ("WorkGroupConfiguration.BytesScannedCutoffPerQuery",),
    "AWS::CloudWatch::Alarm": ("Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"),
    "AWS::EMRServerless::Application": (
        "AutoStopConfiguration.IdleTimeoutMinutes",
        "SchedulerConfiguration.MaxConcurrentRuns",
        "SchedulerConfiguration.QueueTimeoutMinutes",
    ),
    "AWS::Glue::Job": (
        "Timeout",
        "NumberOfWorkers",
        "MaxRetries",
        "MaxCapacity",
        "ExecutionProperty.MaxConcurrentRuns",
    ),
    "AWS::KMS::Key": ("PendingWindowInDays", "RotationPeriodInDays"),
    "AWS::Lambda::EventInvokeConfig": ("MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
    "AWS::Lambda::EventSourceMapping": (
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "ScalingConfig.MaximumConcurrency",
    ),
    "AWS::Lambda::Function": ("EphemeralStorage.Size", "MemorySize", "ReservedConcurrentExecutions", "Timeout"),
    "AWS::Logs::LogGroup": ("RetentionInDays",),
    "AWS::IAM::Role": ("MaxSessionDuration",),
}
BOOLEANS: dict[str, tuple[str, ...]] = {
    "AWS::Athena::WorkGroup": (
        "RecursiveDeleteOption",
        "WorkGroupConfiguration.EnforceWorkGroupConfiguration",
        "WorkGroupConfiguration.PublishCloudWatchMetricsEnabled",
        "WorkGroupConfiguration.RequesterPaysEnabled",
    ),
    "AWS::CloudWatch::Alarm": ("ActionsEnabled",),
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled",),
    "AWS::KMS::Key": ("EnableKeyRotation", "Enabled", "MultiRegion"),
    "AWS::Lambda::EventSourceMapping": ("BisectBatchOnFunctionError", "Enabled"),
    "AWS::SNS::Subscription": ("RawMessageDelivery",),
}


def typed(kind: str, properties: Properties) -> Properties:
    """The properties with their scalars typed. Raises ValueError for text that is no such scalar."""
    made = properties
    for path in NUMBERS.get(kind, ()):
        made = _converted(made, path.split("."), _number, f"{kind} {path}")
    for path in BOOLEANS.get(kind, ()):
        made = _converted(made, path.split("."), _boolean, f"{kind} {path}")
    return made


def _converted(holder: Properties, path: list[str], convert: Callable[[str], Any], where: str) -> Properties:
    name, *rest = path
    value = holder.get(name)
    if rest:
        return {**holder, name: _converted(value, rest, convert, where)} if isinstance(value, dict) else holder
    if not isinstance(value, str):
        return holder
    try:
        return {**holder, name: convert(value)}
    except ValueError as error:
        raise ValueError(f"Properties validation failed: {where} is {value!r}, {error}") from error


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            raise ValueError("expected a number") from None


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return text.lower() == "true"
