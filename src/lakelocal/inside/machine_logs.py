"""A state machine that logs needs a role that may deliver logs: AWS looks when the machine is made or changed.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

from collections.abc import Mapping

from lakelocal.inside.door import Host

ACTIONS = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)
UNAUTHORISED = "The state machine IAM Role is not authorized to access the Log Destination"
PRINCIPAL = "states.amazonaws.com"


def refusal(host: Host, role_arn: str, logging: Mapping[str, object] | None) -> str | None:
    """Why a machine of this role cannot log so, or None. Keys are those of the API or of CloudFormation."""
    settings = logging or {}
    if (settings.get("level") or settings.get("Level") or "OFF") == "OFF":
        return None
    credentials = host.role_credentials(role_arn, "logs", PRINCIPAL)
    denials = (host.denial(credentials, f"logs:{action}", "*") for action in ACTIONS)
    denial = next((found for found in denials if found), None)
    return f"{UNAUTHORISED} ({denial})" if denial else None
