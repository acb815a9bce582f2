"""Which permissions a change widens or narrows."""

from __future__ import annotations

from typing import Any

import pytest

from lakectl.plan.permission import PermissionChange, permission_changes
from lakectl.plan.template import Resource

READ = {"Sid": "MayRead", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:raw/*"}
BOTH = READ | {"Action": ["s3:GetObject", "s3:PutObject"]}
OTHER = READ | {"Resource": "arn:stage/*"}
ALL = READ | {"Action": "s3:*"}
ONE_TEAM = READ | {"Condition": {"StringEquals": {"team": "sea"}}}
NEVER = {"Sid": "Never", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}


def role(*statements: dict[str, Any], **more: Any) -> dict[str, Resource]:
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}]
    return {"Role": Resource("Role", "AWS::IAM::Role", {"Policies": policies, **more})}


def only(before: dict[str, Resource], after: dict[str, Resource]) -> PermissionChange:
    (found,) = permission_changes(before, after)
    return found


@pytest.mark.parametrize(
    ("before", "after", "verdict", "gains", "loses"),
    [
        ([READ], [BOTH], "widened", ["s3:PutObject on arn:raw/*"], []),
        ([BOTH], [READ], "narrowed", [], ["s3:PutObject on arn:raw/*"]),
        ([READ], [ALL], "widened", ["s3:* on arn:raw/*"], []),
        ([ONE_TEAM], [READ], "widened", ["s3:GetObject on arn:raw/*"], []),
        ([READ], [READ | {"Resource": "arn:raw/sea/*"}], "narrowed", [], ["s3:GetObject on arn:raw/*"]),
        ([READ], [READ, NEVER], "narrowed", [], ["forbidden: s3:DeleteObject on *"]),
        ([READ, NEVER], [READ], "widened", ["no longer forbidden: s3:DeleteObject on *"], []),
        (
            [READ],
            [READ | {"Resource": "arn:stage/*"}],
            "changed",
            ["s3:GetObject on arn:stage/*"],
            ["s3:GetObject on arn:raw/*"],
        ),
    ],
)
def test_a_statement_is_widened_or_narrowed(
    before: list[Any], after: list[Any], verdict: str, gains: list[str], loses: list[str]
) -> None:
    found = only(role(*before), role(*after))
    assert (found.verdict, list(found.gains), list(found.loses)) == (verdict, gains, loses)


@pytest.mark.parametrize(
    "after",
    [
        [READ | {"Sid": "AnotherName"}],
        [READ, READ | {"Sid": "Second", "Resource": "arn:raw/sea/*"}],
        [READ | {"Action": ["S3:getobject"]}],
        [READ, ONE_TEAM],
    ],
    ids=["renamed", "within what is allowed already", "spelled otherwise", "under a condition"],
)
def test_what_says_the_same_in_other_words_is_no_change(after: list[Any]) -> None:
    assert permission_changes(role(READ), role(*after)) == ()


def test_a_question_mark_does_not_stand_for_a_star() -> None:
    before, after = (role(READ | {"Resource": f"arn:raw/{sign}"}) for sign in "?*")
    assert only(before, after).verdict == "widened"


def test_what_excludes_is_told_as_it_is() -> None:
    but = {"Sid": "But", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert only(role(READ), role(READ, but)).gains == ("everything but iam:* on *",)


def test_trust_boundary_and_managed_policies_count() -> None:
    trust = {
        "Statement": [
            {"Sid": "Trust", "Effect": "Allow", "Principal": {"AWS": "arn:other"}, "Action": "sts:AssumeRole"}
        ]
    }
    assert only(role(), role(AssumeRolePolicyDocument=trust)).gains == ("sts:AssumeRole for arn:other",)
    assert only(role(PermissionsBoundary="b"), role()).verdict == "widened"
    assert only(role(), role(ManagedPolicyArns=["arn:admin"])).gains == ("everything in arn:admin",)


def test_a_trust_is_no_permission() -> None:
    """That somebody may take the role on says nothing of what the role may do."""
    assume = {"Sid": "MayAssume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    before = role(AssumeRolePolicyDocument=trust)
    assert only(before, role(assume, AssumeRolePolicyDocument=trust)).sid == "MayAssume"


def test_who_may_call_a_function_is_a_permission() -> None:
    asked = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "FunctionName": {"Ref": "Route"}}
    found = only({}, {"May": Resource("May", "AWS::Lambda::Permission", asked)})
    assert found.gains == ("lambda:InvokeFunction on ${Route} for s3.amazonaws.com",)


def test_a_role_that_is_new_or_gone_is_told_whole() -> None:
    assert only({}, role(READ)).verdict == "widened"
    assert only(role(READ), {}).verdict == "narrowed"
