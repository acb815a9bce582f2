"""Who stands in a network needs a role that may: Lambda looks when a function is made or changed, Glue as a run starts.

Nothing is held to its network here: a function or a job reaches what it would reach without one. Sources:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.judge import account_of
from lakelocal.inside.request import Demand

HOOKS = (
    Hook("ministack.services.ec2", "_subnets"),
    Hook("ministack.services.ec2", "_security_groups"),
    Hook("ministack.services.glue", "_connections"),
)
OF_FUNCTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "ec2:DescribeSubnets",
)
OF_JOBS = (
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcAttribute",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
)
TAGS = ("ec2:CreateTags", "ec2:DeleteTags")
UNAUTHORISED = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
NOT_FOUND = "Error occurred while {call}. EC2 Error Code: {code}.NotFound. EC2 Error Message: {what} does not exist"


def function_refusal(host: Host, role_arn: str, asked: Mapping[str, Any] | None) -> str | None:
    """Why a function of this role cannot stand in these subnets, or None. `asked` is its VpcConfig."""
    from ministack.services import ec2

    settings = asked or {}
    if not settings.get("SubnetIds"):
        return None
    for subnet in settings["SubnetIds"]:
        if subnet not in ec2._subnets:
            what = f"The subnet ID '{subnet}'"
            return NOT_FOUND.format(call="DescribeSubnets", code="InvalidSubnetID", what=what)
    for group in settings.get("SecurityGroupIds") or ():
        if group not in ec2._security_groups:
            what = f"The security group '{group}'"
            return NOT_FOUND.format(call="DescribeSecurityGroups", code="InvalidGroup", what=what)
    demands = [Demand(action, "*") for action in OF_FUNCTIONS]
    return UNAUTHORISED if _denials(host, role_arn, "lambda.amazonaws.com", demands) else None


def job_refusal(host: Host, role_arn: str, names: Sequence[str]) -> str | None:
    """Why a run of this role cannot stand where its job's connections say, or None. `names` are the connections."""
    from ministack.services import glue

    if not names:
        return None
    missing = [name for name in names if name not in glue._connections]
    if missing:
        return f"Connection {missing[0]} not found"
    here = f"{host.region}:{account_of(role_arn)}"
    of_catalog = [f"arn:aws:glue:{here}:catalog", *(f"arn:aws:glue:{here}:connection/{name}" for name in names)]
    marks = {"aws:tagkeys": ["aws-glue-service-resource"]}
    demands = [
        *(Demand("glue:GetConnection", arn) for arn in of_catalog),
        *(Demand(action, "*") for action in OF_JOBS),
        *(Demand(action, f"arn:aws:ec2:{here}:network-interface/*", marks) for action in TAGS),
    ]
    denials = _denials(host, role_arn, "glue.amazonaws.com", demands)
    return denials[0] if denials else None


def _denials(host: Host, role_arn: str, service: str, demands: list[Demand]) -> list[str]:
    """Every demand is made, since a record that ends at the first denial would hide the others."""
    credentials = host.role_credentials(role_arn, "network", service)
    found = (host.denial(credentials, one.action, one.resource, one.context) for one in demands)
    return [denial for denial in found if denial]
