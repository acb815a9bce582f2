"""Who traces needs a role that may: Lambda looks when a function is made or changed, Step Functions as it traces.

The refusal is in Lambda's own words. Step Functions takes any role, and loses the traces of one that may not write:
https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
"""

from __future__ import annotations

from collections.abc import Mapping

from lakelocal.inside.door import Host

WRITES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
READS = ("xray:GetSamplingRules", "xray:GetSamplingTargets")
UNAUTHORISED = "The provided execution role does not have permissions to call PutTraceSegments on XRAY"


def function_refusal(host: Host, role_arn: str, tracing: Mapping[str, object] | None) -> str | None:
    """Why a function of this role cannot be traced so, or None."""
    if (tracing or {}).get("Mode") != "Active":
        return None
    return UNAUTHORISED if WRITES[0] in _denied(host, role_arn, "lambda.amazonaws.com", WRITES) else None


def follow_machine(host: Host, role_arn: str, tracing: Mapping[str, object] | None) -> None:
    """Ask what Step Functions asks while it traces, so that the decisions are on record. Keys as in machine_logs."""
    settings = tracing or {}
    if str(settings.get("enabled", settings.get("Enabled"))).lower() == "true":
        _denied(host, role_arn, "states.amazonaws.com", (*WRITES, *READS))


def _denied(host: Host, role_arn: str, service: str, actions: tuple[str, ...]) -> list[str]:
    """Every action is asked for, since a record that ends at the first denial would hide the others."""
    credentials = host.role_credentials(role_arn, "xray", service)
    return [action for action in actions if host.denial(credentials, action, "*")]
