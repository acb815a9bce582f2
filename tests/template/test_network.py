"""Where an environment has a network, all that runs stands in it, and reaches whatever its role lets it reach."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from lakectl.lint.document import many, target_of, text_of
from lakectl.lint.project import Resource, Statement, Template, policies_of, read_project
from lakectl.plan import bill
from lakectl.plan.template import resources_of
from lakelocal.inside.provisioning_needs import ANYTHING, REMOVED, TYPES

ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT)
ROOMS = PROJECT.below("foundations/", "team/", "pipelines/", "datasets/").templates
PATHS = {room.path: room for room in ROOMS}
MADE, GIVEN = PATHS["foundations/network.yaml"], PATHS["foundations/given-network.yaml"]
INTERFACES = PATHS["foundations/interfaces.yaml"]
TRUST = "AssumeRolePolicyDocument"
RUNS = ("AWS::Lambda::Function", "AWS::Glue::Job")
CALLED_AS = {"monitoring": "cloudwatch"}
"""Services whose endpoint has another name than their actions."""
FROM_OUTSIDE = {
    "kms:*": "S3 and SQS ask it on a role's behalf, from their own side",
    "ec2:*": "Lambda and Glue ask it before anything stands in the network",
    "glue:GetConnection": "Glue asks for it before a worker starts",
    "sqs:ReceiveMessage": "Lambda reads a function's queue, from its own side",
    "sqs:DeleteMessage": "the same",
    "sqs:GetQueueAttributes": "the same",
}
"""What a role may do without anybody in the network calling it."""


def standing() -> list[tuple[Template, Resource]]:
    """Whatever runs, with the room that it is in."""
    return [(room, one) for room in ROOMS for one in room.of_type(*RUNS)]


def roles() -> Iterator[tuple[Template, str]]:
    yield from ((room, target_of(one.properties["Role"])) for room, one in standing())


def allows(room: Template, role: str) -> list[Statement]:
    return [
        one
        for one in room.statements
        if one.resource.name == role and one.policy != TRUST and one.says["Effect"] == "Allow"
    ]


def endpoints() -> dict[str, list[Statement]]:
    """The statements of each endpoint's policy, by the word that actions of its service begin with."""
    found: dict[str, list[Statement]] = {}
    for one in MADE.statements:
        service = text_of(one.resource.properties["ServiceName"]).rpartition(".")[2]
        found.setdefault(CALLED_AS.get(service, service), []).append(one)
    return found


def called() -> set[str]:
    """Every action that something in the network may call there."""
    actions = {action for room, role in roles() for statement in allows(room, role) for action in statement.actions}
    return {one for one in actions if not any(fnmatchcase(one, outside) for outside in FROM_OUTSIDE)}


def test_what_runs_in_the_network_is_known() -> None:
    assert len(standing()) == 8


def test_every_action_of_a_role_in_the_network_passes_an_endpoint() -> None:
    passing = [action for statements in endpoints().values() for one in statements for action in one.actions]
    shut = {action for action in called() if not any(fnmatchcase(action, one) for one in passing)}
    assert shut == set()


def test_no_endpoint_lets_pass_what_no_role_does() -> None:
    for service, statements in endpoints().items():
        used = {action for action in called() if action.startswith(f"{service}:")}
        passing = {action for one in statements for action in one.actions}
        assert {one for one in passing if not any(fnmatchcase(action, one) for action in used)} == set(), service


def test_what_is_excused_is_called_by_no_code_in_the_network() -> None:
    """The SDK's client of a service is the only way to it."""
    code = "".join(file.read_text() for file in (ROOT / "src/lake").rglob("*.py"))
    for word in ('client("kms"', 'client("ec2"', "receive_message", "get_connection"):
        assert word not in code


def test_registration_can_answer_cloudformation() -> None:
    """Its answer is a PUT to a bucket of AWS's, by a link that another account signed."""
    (answer,) = [one for one in endpoints()["s3"] if one.sid == "AnswersMayReachCloudFormation"]
    assert "Condition" not in answer.says
    (bucket, named) = answer.says["Resource"]["Fn::Sub"]
    assert bucket == "arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${Region}/*"
    assert named == {"Region": {"Fn::Join": ["", {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}}


def test_nothing_in_the_network_leads_to_the_internet() -> None:
    types = {one.type for room in (MADE, INTERFACES) for one in room.resources.values()}
    assert not any("Gateway" in one or one == "AWS::EC2::Route" for one in types)


def test_a_network_that_is_given_says_what_one_that_is_made_says() -> None:
    def written(room: Template) -> set[str]:
        return {text_of(one.properties["Name"]) for one in room.of_type("AWS::SSM::Parameter")}

    assert written(MADE) == written(GIVEN)


@pytest.mark.parametrize(("room", "role"), roles(), ids=lambda part: getattr(part, "path", part))
def test_a_role_may_have_interfaces_where_there_is_a_network_and_only_then(room: Template, role: str) -> None:
    def may(network: str) -> set[str]:
        properties = resources_of(room.document, {"Network": network})[role].properties
        said = [one for policy in properties["Policies"] for one in many(policy["PolicyDocument"]["Statement"])]
        return {action for one in said for action in many(one["Action"]) if action.startswith("ec2:")}

    assert may("") == set()
    assert {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"} < may("10.20.0.0/20")


def test_a_function_itself_may_not_touch_interfaces() -> None:
    """Lambda names the function whose code calls, and names none where it calls for itself."""
    found = [one for room, role in roles() for one in allows(room, role) if "ec2:*PrivateIpAddresses" in one.actions]
    assert len(found) == 6
    for one in found:
        assert one.says["Condition"] == {"Null": {"lambda:SourceFunctionArn": True}}


def deployer_may(name: str, network: str) -> set[str]:
    """Every action of a deploy role, with a network or without."""
    template = next(one for one in PROJECT.templates if one.path == f"templates/cicd/{name}.yaml")
    found = resources_of(template.document, {"Network": network}).values()
    documents = [document for one in found for policy, document in policies_of(one.properties) if policy != TRUST]
    return {action for one in documents for said in many(one["Statement"]) for action in many(said["Action"])}


def provisioned(resource: Resource) -> set[str]:
    """Every action that making, changing and deleting a resource asks for; stacks give it tags."""
    needs = TYPES[resource.type]
    more = [action for name in (*resource.properties, "Tags") for action in needs.properties.get(name, ())]
    return {action.removesuffix(ANYTHING) for action in (*needs.create, *needs.update, *needs.delete, *more)}


@pytest.mark.parametrize("name", ["deployer", "team-deployer"])
def test_a_deploy_role_may_do_what_a_network_asks_for_and_only_where_there_is_one(name: str) -> None:
    asked = {one.removesuffix(ANYTHING) for one in TYPES["AWS::Lambda::Function"].properties["VpcConfig"]}
    asked |= {one.removesuffix(ANYTHING) for one in REMOVED["AWS::Lambda::Function"]["VpcConfig"]}
    if name == "deployer":
        asked |= {
            action for room in (MADE, INTERFACES) for one in room.resources.values() for action in provisioned(one)
        }
    may = deployer_may(name, "10.20.0.0/20")
    assert {one for one in asked if not any(fnmatchcase(one, allowed) for allowed in may)} == set()
    assert not any(action.startswith("ec2:") for action in deployer_may(name, ""))


def test_what_endpoints_cost_is_told() -> None:
    def cost(**more: Any) -> float:
        return bill.standing(resources_of(MADE.document, {"Halves": "a,b", **more}).values())

    assert cost() == pytest.approx(7 * 2 * bill.INTERFACE_ENDPOINT)
    assert cost(Tracing="Active") == pytest.approx(8 * 2 * bill.INTERFACE_ENDPOINT)
