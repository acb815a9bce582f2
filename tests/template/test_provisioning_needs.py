"""The table of what provisioning asks for knows every type of the templates, and invents no action."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint.data.schemas
import pytest

from lakectl.lint.project import read_project
from lakelocal.inside.demanded_connections import of_request
from lakelocal.inside.provisioning_demands import of_creation, of_deletion, of_update, reference_demand
from lakelocal.inside.provisioning_needs import ANYTHING, CHANGED, OTHERWISE_CHANGED, REMOVED, TYPES
from lakelocal.inside.request import Request

SCHEMAS = Path(cfnlint.data.schemas.__file__).parent
ROOT = Path(__file__).parents[2]
WITHOUT_HANDLERS = {
    "AWS::CodeBuild::Project": {
        "create": {"permissions": ["codebuild:CreateProject", "iam:PassRole"]},
        "update": {"permissions": ["codebuild:UpdateProject", "iam:PassRole"]},
        "delete": {"permissions": ["codebuild:DeleteProject"]},
    },
    "AWS::LakeFormation::DataLakeSettings": {
        "update": {"permissions": ["lakeformation:PutDataLakeSettings", "lakeformation:GetDataLakeSettings"]},
    },
    "AWS::LakeFormation::Resource": {
        "create": {"permissions": ["lakeformation:RegisterResource", "iam:PassRole"]},
        "update": {"permissions": ["lakeformation:UpdateResource", "iam:PassRole"]},
        "delete": {"permissions": ["lakeformation:DeregisterResource"]},
    },
}
"""Types whose schema lists no permissions: the calls of the service that make, change and delete them."""


@cache
def schema(kind: str) -> Any:
    files = json.loads((SCHEMAS / "providers/us-east-1.json").read_text())
    return json.loads((SCHEMAS / f"resources/{files[kind]}.json").read_text())


def permitted(kind: str, *operations: str) -> set[str]:
    """The actions that the handlers of a type may call, as its schema says."""
    handlers = schema(kind).get("handlers") or WITHOUT_HANDLERS[kind]
    return {action for name in operations for action in (handlers.get(name) or {}).get("permissions", [])}


def test_every_type_of_the_templates_has_a_row() -> None:
    used = {resource.type for template in read_project(ROOT).templates for resource in template.resources.values()}
    assert {kind for kind in used if kind.startswith("AWS::")} - set(TYPES) == set()


@pytest.mark.parametrize("kind", TYPES)
def test_every_action_is_one_that_the_handlers_of_the_type_call(kind: str) -> None:
    row = TYPES[kind]
    everything = permitted(kind, "create", "update", "delete", "read", "list")
    otherwise = OTHERWISE_CHANGED.get(kind, ("", ""))[1]
    more = {action for (owner, _), actions in CHANGED.items() if owner == kind for action in actions}
    more |= {action.removesuffix(ANYTHING) for actions in REMOVED.get(kind, {}).values() for action in actions}
    assert (row.actions() | more | ({otherwise} - {""})) - everything == set()
    assert not row.passes or "iam:PassRole" in everything
    assert not row.fetches or "s3:GetObject" in everything
    assert not row.lends or "codestar-connections:PassConnection" in everything


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_that_takes_the_tags_of_its_stack_asks_for_them(kind: str) -> None:
    tagging = schema(kind).get("tagging") or {}
    if tagging.get("tagOnCreate"):
        row = TYPES[kind]
        assert tagging["tagProperty"].rpartition("/")[2] in row.properties
        assert set(tagging["permissions"]) & row.actions()


@pytest.mark.parametrize("kind", TYPES)
def test_every_property_is_one_of_the_type(kind: str) -> None:
    row = TYPES[kind]
    named = [
        *row.properties,
        *row.fetches,
        *(path.split(".")[0] for path in (*row.passes, row.name, row.lends) if path),
    ]
    named += [name for owner, name in CHANGED if owner == kind] + list(REMOVED.get(kind, {}))
    assert set(named) - set(schema(kind)["properties"]) == set()


def demanded(found: Any) -> list[tuple[str, str]]:
    return [(one.action, one.resource) for one in found]


def test_a_function_asks_for_itself_its_role_and_its_code() -> None:
    properties = {"FunctionName": "f", "Role": "arn:aws:iam::1:role/r", "Code": {"S3Bucket": "b", "S3Key": "k"}}
    assert demanded(of_creation("AWS::Lambda::Function", "F", properties, "s", "eu-west-1", "1")) == [
        ("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:1:function:f"),
        ("lambda:GetFunction", "arn:aws:lambda:eu-west-1:1:function:f"),
        ("iam:PassRole", "arn:aws:iam::1:role/r"),
        ("s3:GetObject", "arn:aws:s3:::b/k"),
    ]


def test_a_change_asks_for_what_changes() -> None:
    old = {"FunctionName": "f", "Role": "arn:aws:iam::1:role/r", "Code": {"S3Bucket": "b", "S3Key": "k"}}
    new = {**old, "Code": {"S3Bucket": "b", "S3Key": "l"}}
    actions = [action for action, _ in demanded(of_update("AWS::Lambda::Function", "f", old, new, "eu-west-1", "1"))]
    assert actions == ["lambda:GetFunction", "lambda:UpdateFunctionCode", "iam:PassRole", "s3:GetObject"]


def test_what_has_no_name_is_asked_for_by_the_name_that_it_will_get() -> None:
    assert demanded(of_creation("AWS::SQS::Queue", "Dead", {}, "stack", "eu-west-1", "1"))[0] == (
        "sqs:CreateQueue",
        "arn:aws:sqs:eu-west-1:1:stack-Dead-",
    )
    url = "http://127.0.0.1:1/1/stack-Dead-X"
    assert demanded(of_deletion("AWS::SQS::Queue", url, {}, "eu-west-1", "1"))[0] == (
        "sqs:DeleteQueue",
        "arn:aws:sqs:eu-west-1:1:stack-Dead-X",
    )


@pytest.mark.parametrize("prefix", ["codeconnections", "codestar-connections"])
def test_a_pipeline_asks_for_the_connection_that_it_is_given(prefix: str) -> None:
    """By the prefix of the connection's own ARN, as AWS does."""
    arn = f"arn:aws:{prefix}:eu-west-1:1:connection/c"
    action = {"Configuration": {"ConnectionArn": arn}}
    properties = {"Name": "p", "Stages": [{"Actions": [{"Configuration": {"ProjectName": "x"}}, action]}]}
    *_, asked = of_creation("AWS::CodePipeline::Pipeline", "P", properties, "s", "eu-west-1", "1")
    assert (asked.action, asked.resource) == (f"{prefix}:PassConnection", arn)
    assert asked.context == {f"{prefix}:passedtoservice": "codepipeline.amazonaws.com"}
    request = {"pipeline": {"stages": [{"actions": [{"configuration": {"ConnectionArn": arn}}]}]}}
    body = json.dumps(request).encode()
    door = Request("codepipeline", "codepipeline:UpdatePipeline", "/", {}, body, {}, "eu-west-1", "1")
    assert list(of_request(door)) == [asked]


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="AWS::EC2::Instance"):
        list(of_creation("AWS::EC2::Instance", "I", {}, "s", "eu-west-1", "1"))


def test_a_reference_to_a_parameter_asks_for_it() -> None:
    found = reference_demand("{{resolve:ssm:/lake/dev/thing}}", "eu-west-1", "1")
    assert found is not None
    assert (found.action, found.resource) == ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:1:parameter/lake/dev/thing")
    assert reference_demand("{{resolve:secretsmanager:x}}", "eu-west-1", "1") is None


@pytest.mark.parametrize("path", ["templates/cicd/deployer.yaml", "templates/cicd/team-deployer.yaml"])
def test_whoever_deploys_may_keep_an_application_and_hand_nobody_elses_over(path: str) -> None:
    template = next(one for one in read_project(ROOT).templates if one.path == path)
    said = {one.sid: one for one in template.statements if any("emr-serverless" in action for action in one.actions)}
    allowed = {action for one in said.values() for action in one.actions}
    assert TYPES["AWS::EMRServerless::Application"].actions() == allowed
    if "team" in path:
        conditions = [one.says["Condition"]["StringEquals"] for one in said.values()]
        assert [sorted(one) for one in conditions] == [["aws:RequestTag/lake:owner"], ["aws:ResourceTag/lake:owner"]]


def test_an_applications_tag_is_what_conditions_ask_for() -> None:
    properties = {"Name": "a", "Tags": [{"Key": "lake:owner", "Value": "rail"}]}
    demands = list(of_creation("AWS::EMRServerless::Application", "Application", properties, "s", "eu-west-1", "1"))
    assert {one.context["aws:requesttag/lake:owner"] for one in demands} == {"rail"}
    assert {one.resource for one in demands} == {"arn:aws:emr-serverless:eu-west-1:1:/applications/*"}
