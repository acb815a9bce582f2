"""What becomes of resources: added, changed, replaced, removed, and what is replaced with them."""

from __future__ import annotations

from typing import Any

import pytest

from lakectl.failure import Failure
from lakectl.plan.plan import Plan, StackChange, check_allowed
from lakectl.plan.resource import ResourceChange, resource_changes
from lakectl.plan.template import Resource
from lakectl.plan.token import answers_to_another

REGION = "eu-west-1"


def resource(kind: str, policy: str = "Delete", name: str = "It", **properties: Any) -> dict[str, Resource]:
    return {name: Resource(name, kind, properties, policy, policy)}


def queue(name: str, **more: Any) -> dict[str, Resource]:
    return resource("AWS::SQS::Queue", name="Queue", QueueName=name, **more)


def only(before: dict[str, Resource], after: dict[str, Resource]) -> ResourceChange:
    (found,) = resource_changes(before, after, REGION)
    return found


@pytest.mark.parametrize(
    ("before", "after", "action", "leaves_data"),
    [
        ({}, queue("a"), "add", False),
        (queue("a", VisibilityTimeout=1), queue("a", VisibilityTimeout=2), "change", False),
        (queue("a"), queue("b"), "replace", True),
        (
            resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/20"),
            resource("AWS::EC2::VPC", CidrBlock="10.1.0.0/20"),
            "replace",
            True,
        ),
        (queue("a"), {}, "remove", True),
        (resource("AWS::S3::Bucket", "Retain", BucketName="a"), {}, "remove", False),
        (
            resource("AWS::S3::Bucket", "Retain", BucketName="a"),
            resource("AWS::S3::Bucket", "Retain", BucketName="b"),
            "replace",
            True,
        ),
        (
            resource("AWS::DynamoDB::Table", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}]),
            resource("AWS::DynamoDB::Table", KeySchema=[{"AttributeName": "b", "KeyType": "HASH"}]),
            "replace",
            True,
        ),
        (resource("AWS::SSM::Parameter", Name="a"), resource("AWS::SSM::Parameter", Name="b"), "replace", False),
        (resource("AWS::KMS::Key"), resource("AWS::KMS::Key", EnableKeyRotation=True), "change", False),
        (resource("AWS::KMS::Key"), resource("AWS::KMS::Alias"), "replace", False),
        (resource("Custom::Thing", Digest="1"), resource("Custom::Thing", Digest="2"), "change", False),
    ],
)
def test_a_change_is_what_the_provider_makes_of_it(
    before: dict[str, Resource], after: dict[str, Resource], action: str, leaves_data: bool
) -> None:
    found = only(before, after)
    assert (found.action, found.leaves_data) == (action, leaves_data)


def test_a_number_is_the_text_that_a_parameter_makes_of_it() -> None:
    assert resource_changes(queue("a", Delay=1, Fifo=True), queue("a", Delay="1", Fifo="true"), REGION) == ()


def test_a_policy_that_kept_data_and_is_lost_is_a_change() -> None:
    found = only(resource("AWS::S3::Bucket", "Retain"), resource("AWS::S3::Bucket"))
    assert {one.place for one in found.differences} == {"DeletionPolicy", "UpdateReplacePolicy"}


def test_what_refers_to_a_replaced_resource_changes_or_is_replaced_with_it() -> None:
    arn = {"Fn::GetAtt": ["Queue", "Arn"]}
    others = {
        **resource("AWS::Lambda::EventSourceMapping", name="Mapping", EventSourceArn=arn, BatchSize=1),
        **resource("AWS::CloudWatch::Alarm", name="Alarm", Dimensions=[{"Value": {"Ref": "Mapping"}}]),
        **resource("AWS::CloudWatch::Alarm", name="Other", Dimensions=[]),
    }
    found = {one.name: one.action for one in resource_changes(queue("a") | others, queue("b") | others, REGION)}
    assert found == {"Queue": "replace", "Mapping": "replace", "Alarm": "change"}


def plan_of(*changes: ResourceChange) -> Plan:
    return Plan("dev", 1, (StackChange("lake-dev-room", "room", "platform", "change", changes),))


REPLACED = only(queue("a"), queue("b"))


def test_a_replacement_of_data_is_refused_until_it_is_named() -> None:
    with pytest.raises(Failure) as refused:
        check_allowed(plan_of(REPLACED), ())
    assert "lake-dev-room.Queue (AWS::SQS::Queue): QueueName can only be set when it is made" in str(refused.value)
    assert "messages that wait are lost" in str(refused.value)
    assert "--allow-replacement lake-dev-room.Queue" in str(refused.value)
    check_allowed(plan_of(REPLACED), ["lake-dev-room.Queue"])
    check_allowed(plan_of(REPLACED), ["Queue"])


def test_a_name_that_stands_for_nothing_is_answered() -> None:
    with pytest.raises(Failure, match=r"does not replace that\. Did you mean 'lake-dev-room\.Queue'"):
        check_allowed(plan_of(REPLACED), ["lake-dev-room.Queu"])
    with pytest.raises(Failure, match="Nothing that holds data is replaced"):
        check_allowed(plan_of(), ["Queue"])


def test_a_version_is_made_to_be_replaced_and_frightens_nobody() -> None:
    before = resource("AWS::Lambda::Version", "Retain", "Version", FunctionName="f", Description="a")
    after = resource("AWS::Lambda::Version", "Retain", "Version", FunctionName="f", Description="b")
    found = only(before, after)
    assert (found.action, found.leaves_data, found.kept) == ("replace", False, True)
    assert found.because == "a version never changes, so a new one is published; the one before stays"


@pytest.mark.parametrize(
    ("after", "another"), [({"ServiceToken": "two", "Say": "a"}, True), ({"ServiceToken": "one"}, False)]
)
def test_a_custom_resource_that_is_to_answer_to_another_function_is_noticed(
    after: dict[str, Any], another: bool
) -> None:
    before = resource("Custom::It", ServiceToken="one", Say="a")
    assert answers_to_another(before, resource("Custom::It", **after)) is another
    assert not answers_to_another({}, resource("Custom::It", **after))
