"""Stacks that an earlier deployment left in between: mended, or explained with the next step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from clone import Lake
from deploying.conftest import DATASET, Lives, planned, written
from lakectl.failure import Failure
from lakectl.stack_status import Event, find, settled
from local.arrange import function, role

pytestmark = pytest.mark.slow
DATASET_STACK = f"lake-dev-dataset-aviation-{DATASET}"
NOTHING = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
IMPOSSIBLE = {"Resources": {"Thing": {"Type": "AWS::EFS::FileSystem"}}}
STUBBORN = """
import json, os, urllib.request
def handler(event, context):
    asked = event["ResourceProperties"]
    undone = event["RequestType"] == "Update" and asked["Version"] == "1" and not os.environ.get("MENDED")
    status = "FAILED" if asked["Version"] == "bad" or (undone and asked["Fails"] == "when undone") else "SUCCESS"
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": status, "PhysicalResourceId": "it", "Reason": "as it was told"}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).read()
"""


def made(lake: Lake, name: str, template: dict[str, Any]) -> str:
    """A stack that was created by hand; the status in which it ended."""
    client = lake.target.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    return ended(lake, name)


def ended(lake: Lake, name: str) -> str:
    while True:
        there = find(lake.target, name)
        if there is None or not there.status.endswith("_IN_PROGRESS"):
            return there.status if there else ""
        time.sleep(0.05)


def without_its_stack(lake: Lake) -> None:
    """The dataset's stack is taken away; the next deployment has to make it."""
    lake.command("destroy", DATASET_STACK, "--yes")


def test_a_creation_that_had_failed_is_made_again(lake: Lake, first: Lives) -> None:
    without_its_stack(lake)
    assert made(lake, DATASET_STACK, IMPOSSIBLE) == "ROLLBACK_COMPLETE"
    (change,) = planned(lake).changes
    assert (change.action, change.notes) == ("add", ("was left as ROLLBACK_COMPLETE",))
    assert written(lake) == [DATASET_STACK]
    assert planned(lake).changes == ()


def test_a_stack_that_was_only_announced_is_made(lake: Lake, first: Lives) -> None:
    without_its_stack(lake)
    lake.target.client("cloudformation").create_change_set(
        StackName=DATASET_STACK, ChangeSetName="begun", ChangeSetType="CREATE", TemplateBody=json.dumps(NOTHING)
    )
    found = find(lake.target, DATASET_STACK)
    assert found is not None and found.status == "REVIEW_IN_PROGRESS"
    assert written(lake) == [DATASET_STACK]
    assert planned(lake).changes == ()


def test_an_announced_stack_can_be_destroyed(lake: Lake, first: Lives) -> None:
    name = "lake-dev-announced"
    lake.target.client("cloudformation").create_change_set(
        StackName=name, ChangeSetName="begun", ChangeSetType="CREATE", TemplateBody=json.dumps(NOTHING)
    )
    lake.command("destroy", name, "--yes")
    assert find(lake.target, name) is None


def test_an_update_that_was_undone_counts_as_what_it_is(lake: Lake, first: Lives) -> None:
    """The stack stands as before; with the same files there is nothing to do."""
    room = lake.root / "foundations/registration.yaml"
    before = room.read_text()
    room.write_text(before.replace("Runtime: !Ref Runtime", "Runtime: python2.7"))
    try:
        with pytest.raises(Failure, match="lake-dev-registration ended as UPDATE_ROLLBACK_COMPLETE"):
            written(lake)
        assert [one.name for one in planned(lake).changes] == ["lake-dev-registration"]
    finally:
        room.write_text(before)
    written(lake)
    assert planned(lake).changes == ()
    assert written(lake) == []


def stubborn(lake: Lake) -> tuple[str, Callable[[str, str], None], str]:
    """A stack whose resource cannot be undone, a way to update it, and its function."""

    def client(service: str) -> Any:
        return lake.target.client(service)

    name = f"lake-dev-stubborn-{time.time_ns()}"
    arn = role(client("iam"), "lambda.amazonaws.com", allow=[{"Action": "logs:*", "Resource": "*"}])
    called = function(client, STUBBORN, arn)
    token = client("lambda").get_function_configuration(FunctionName=called)["FunctionArn"]

    def template(first: str, second: str) -> str:
        one = {"ServiceToken": token, "Version": first, "Fails": "when undone"}
        other = {"ServiceToken": token, "Version": second, "Fails": "never"}
        types = {"First": one, "Second": other}
        resources = {key: {"Type": "Custom::It", "Properties": value} for key, value in types.items()}
        resources["Second"]["DependsOn"] = "First"
        return json.dumps({"Resources": resources})

    def update(one: str, other: str) -> None:
        client("cloudformation").update_stack(StackName=name, TemplateBody=template(one, other))

    client("cloudformation").create_stack(StackName=name, TemplateBody=template("1", "1"))
    assert ended(lake, name) == "CREATE_COMPLETE"
    return name, update, called


def test_an_update_that_could_not_be_undone_is_undone_once_more(lake: Lake, first: Lives) -> None:
    name, update, called = stubborn(lake)
    update("2", "bad")
    assert ended(lake, name) == "UPDATE_ROLLBACK_FAILED"
    told: list[Event] = []
    with pytest.raises(Failure) as refused:
        settled(lake.target, name, told.append)
    assert "--resources-to-skip First" in str(refused.value)
    assert "could not be undone; trying again" in told[0].reason
    lake.target.client("lambda").update_function_configuration(
        FunctionName=called, Environment={"Variables": {"MENDED": "1"}}
    )
    there = settled(lake.target, name, told.append)
    assert there is not None and there.status == "UPDATE_ROLLBACK_COMPLETE"
    lake.command("destroy", name, "--yes")
