"""A network: its rooms stand up as the deploy role, and who is to stand in it needs a role that may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakectl.lint.project import read_project
from local.arrange import LOGS, function, grant, role, unique, until
from local.conftest import ROOT

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
REFUSED = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
EC2 = "arn:aws:ec2:*:*:"
INTERFACES = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
]
OF_LAMBDA = {
    "Action": [*INTERFACES, "ec2:*PrivateIpAddresses"],
    "Resource": "*",
    "Condition": {"Null": {"lambda:SourceFunctionArn": "true"}},
}
LOOKS = [
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcAttribute",
]
MARKS = {
    "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
    "Resource": f"{EC2}network-interface/*",
    "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
}
OF_GLUE = [{"Action": [*INTERFACES, *LOOKS], "Resource": "*"}, MARKS, {"Action": "glue:GetConnection", "Resource": "*"}]


@pytest.fixture(scope="module")
def domain() -> str:
    return unique("n")[:10].replace("-", "")


@pytest.fixture(scope="module")
def deployer(client: Client, domain: str) -> str:
    """The deploy role of an environment that has a network, made by its own template."""
    anything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    bound = client("iam").create_policy(PolicyName=unique("bound"), PolicyDocument=anything)["Policy"]["Arn"]
    given = {"Domain": domain, "Environment": "dev", "Boundary": bound, "Network": "10.20.0.0/20"}
    stand(client, f"{domain}-cicd-deployer-dev-platform", "templates/cicd/deployer.yaml", given)
    return setting(client, domain, "deployer/platform/role-arn")


@pytest.fixture(scope="module")
def network(client: Client, domain: str, deployer: str) -> dict[str, str]:
    """The rooms of a network, stood up as the deploy role; what they wrote down."""
    names = {"Domain": domain, "Environment": "dev"}
    halves = {"Cidr": "10.20.0.0/20", "Halves": "10.20.0.0/21,10.20.8.0/21"}
    stand(
        client, f"{domain}-dev-network", "foundations/network.yaml", {**names, **halves, "Tracing": "Active"}, deployer
    )
    stand(client, f"{domain}-dev-interfaces", "foundations/interfaces.yaml", names, deployer)
    written = ("vpc", "first-subnet", "second-subnet", "first-zone", "second-zone")
    found = {name: setting(client, domain, f"network/platform/{name}") for name in written}
    more = ("functions-group", "first-connection", "second-connection")
    return found | {name: setting(client, domain, f"interfaces/platform/{name}") for name in more}


def stand(client: Client, name: str, template: str, given: dict[str, str], as_role: str = "") -> None:
    """A stack with the tags that deployments give to theirs."""
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(ROOT / template).read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Tags=[{"Key": f"lake:{key.lower()}", "Value": given[key]} for key in ("Domain", "Environment")],
        Capabilities=["CAPABILITY_IAM"],
        **({"RoleARN": as_role} if as_role else {}),
    )
    assert settled(client, name) == "CREATE_COMPLETE", reasons(client, name)


def settled(client: Client, name: str) -> str:
    """How a stack came to rest; "" where it is gone."""

    def status() -> str | None:
        try:
            found = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError:
            return "gone"
        return None if found.endswith("IN_PROGRESS") else str(found)

    return str(until(status, 60))


def reasons(client: Client, name: str) -> str:
    events = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(one.get("ResourceStatusReason", "") for one in events)


def setting(client: Client, domain: str, name: str) -> str:
    return str(client("ssm").get_parameter(Name=f"/lake/{domain}/dev/{name}")["Parameter"]["Value"])


def test_a_network_has_two_subnets_in_two_zones_and_no_way_out(client: Client, network: dict[str, str]) -> None:
    ec2, inside = client("ec2"), [{"Name": "vpc-id", "Values": [network["vpc"]]}]
    subnets = ec2.describe_subnets(Filters=inside)["Subnets"]
    assert {one["CidrBlock"] for one in subnets} == {"10.20.0.0/21", "10.20.8.0/21"}
    assert {one["AvailabilityZone"] for one in subnets} == {network["first-zone"], network["second-zone"]}
    routes = [way for table in ec2.describe_route_tables(Filters=inside)["RouteTables"] for way in table["Routes"]]
    assert all(way.get("GatewayId") == "local" for way in routes)


def test_every_endpoint_stands(client: Client, network: dict[str, str]) -> None:
    room = next(one for one in read_project(ROOT).templates if one.path == "foundations/network.yaml")
    asked = [
        text["Fn::Sub"].rpartition(".")[2]
        for one in room.of_type("AWS::EC2::VPCEndpoint")
        if (text := one.properties["ServiceName"])
    ]
    found = client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    ours = [one["ServiceName"].rpartition(".")[2] for one in found if one["VpcId"] == network["vpc"]]
    assert sorted(ours) == sorted(asked)


def test_a_function_stands_in_a_network_only_by_a_role_that_may(client: Client, network: dict[str, str]) -> None:
    place = {
        "SubnetIds": [network["first-subnet"], network["second-subnet"]],
        "SecurityGroupIds": [network["functions-group"]],
    }
    arn = role(client("iam"), "lambda.amazonaws.com", allow=[LOGS])
    with pytest.raises(ClientError, match=REFUSED):
        function(client, "", arn, VpcConfig=place)
    name = function(client, "def handler(event, context): return 'ran'", arn)
    with pytest.raises(ClientError, match=REFUSED):
        client("lambda").update_function_configuration(FunctionName=name, VpcConfig=place)
    grant(client("iam"), arn, [LOGS, OF_LAMBDA])
    client("lambda").update_function_configuration(FunctionName=name, VpcConfig=place)
    kept = client("lambda").get_function_configuration(FunctionName=name)["VpcConfig"]
    assert kept["SubnetIds"] == place["SubnetIds"]
    assert client("lambda").invoke(FunctionName=name)["Payload"].read() == b'"ran"'


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"SubnetIds": ["subnet-0000"]}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0000"]}, "InvalidGroup.NotFound"),
    ],
)
def test_a_function_stands_nowhere_that_is_not_there(
    client: Client, network: dict[str, str], wrong: dict[str, list[str]], said: str
) -> None:
    arn = role(client("iam"), "lambda.amazonaws.com", allow=[LOGS, OF_LAMBDA])
    place = {"SubnetIds": [network["first-subnet"]], "SecurityGroupIds": [network["functions-group"]]}
    with pytest.raises(ClientError, match=said):
        function(client, "", arn, VpcConfig=place | wrong)


def test_a_run_stands_in_a_network_only_by_a_role_that_may(client: Client, network: dict[str, str]) -> None:
    """What passes goes on to its script, which is not there."""
    arn, glue = role(client("iam"), "glue.amazonaws.com", allow=[LOGS]), client("glue")

    def failed(*connections: str) -> str:
        job = unique("job")
        command = {"Name": "glueetl", "ScriptLocation": "s3://nowhere/job.py"}
        wanted = {"Connections": list(connections)}
        glue.create_job(Name=job, Role=arn, Command=command, GlueVersion="5.1", Connections=wanted)
        run = glue.start_job_run(JobName=job)["JobRunId"]

        def end() -> Any:
            shown = glue.get_job_run(JobName=job, RunId=run)["JobRun"]
            return shown["ErrorMessage"] if shown["JobRunState"] == "FAILED" else None

        return str(until(end))

    both = (network["first-connection"], network["second-connection"])
    assert "glue:GetConnection" in failed(*both)
    assert "Connection elsewhere not found" in failed("elsewhere")
    grant(client("iam"), arn, [LOGS, OF_GLUE[2]])
    assert "ec2:DescribeVpcEndpoints" in failed(*both)
    grant(client("iam"), arn, [LOGS, OF_GLUE[2], OF_GLUE[0]])
    assert "ec2:CreateTags" in failed(*both)
    grant(client("iam"), arn, [LOGS, *OF_GLUE])
    assert "ec2:" not in failed(*both)
    assert "glue:" not in failed(*both)


def test_the_deploy_role_takes_its_network_away_and_no_other(
    client: Client, network: dict[str, str], domain: str, deployer: str
) -> None:
    theirs = unique("theirs")
    template = '{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/20"}}}}'
    client("cloudformation").create_stack(StackName=theirs, TemplateBody=template, RoleARN=deployer)
    assert settled(client, theirs) == "CREATE_COMPLETE", reasons(client, theirs)
    client("cloudformation").delete_stack(StackName=theirs)
    assert settled(client, theirs) == "DELETE_FAILED"
    assert "ec2:DeleteVpc" in reasons(client, theirs)
    for room in ("interfaces", "network"):
        client("cloudformation").delete_stack(StackName=f"{domain}-dev-{room}")
        assert settled(client, f"{domain}-dev-{room}") == "gone", reasons(client, f"{domain}-dev-{room}")
