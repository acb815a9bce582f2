"""A template with its parameters filled in: what is known is said, what only AWS knows stays as it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from lakectl.lint.document import read
from lakectl.plan.template import references, resources_of

TEMPLATE = """
Parameters:
  Team: {Type: String}
  Keys: {Type: CommaDelimitedList, Default: 'a, b'}
  Freshness: {Type: Number, Default: 0}
Conditions:
  Fresh: !Not [!Equals [!Ref Freshness, 0]]
  Both: !And [!Condition Fresh, !Equals [!Ref Team, sea]]
  Here: !Equals [!Ref 'AWS::Region', eu-west-1]
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Condition: Fresh
    Properties: {Threshold: !Ref Freshness}
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    Properties:
      QueueName: !Sub 'lake-${Team}-${AWS::Region}'
      Tags: !If [Both, [{Key: a, Value: b}], !Ref 'AWS::NoValue']
      Keys: !Ref Keys
      Second: !Select [1, !Ref Keys]
      Zone: !Select [0, !GetAZs '']
      Joined: !Join ['/', [s3, !Ref Team]]
      Literal: !Sub '${!Team}'
      Arn: !Sub ['${Machine}-${Team}', {Machine: !GetAtt Alarm.Arn}]
      Where: !If [Here, near, far]
"""


def filled(**parameters: str) -> dict[str, Any]:
    return {name: one.properties for name, one in resources_of(read(TEMPLATE), parameters).items()}


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    assert set(filled(Team="sea")) == {"Queue"}
    assert filled(Team="sea", Freshness="60")["Alarm"] == {"Threshold": "60"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QueueName", {"Fn::Sub": "lake-sea-${AWS::Region}"}),
        ("Keys", ["a", "b"]),
        ("Second", "b"),
        ("Zone", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ("Joined", "s3/sea"),
        ("Literal", "${Team}"),
        ("Arn", {"Fn::Sub": ["${Machine}-sea", {"Machine": {"Fn::GetAtt": ["Alarm", "Arn"]}}]}),
        ("Where", {"Fn::If": ["Here", "near", "far"]}),
    ],
)
def test_what_is_known_is_filled_in(name: str, value: Any) -> None:
    assert filled(Team="sea")["Queue"][name] == value


def test_a_property_without_a_value_is_not_there() -> None:
    assert "Tags" not in filled(Team="sea")["Queue"]
    assert filled(Team="sea", Freshness="1")["Queue"]["Tags"] == [{"Key": "a", "Value": "b"}]


def test_what_a_value_refers_to_is_found() -> None:
    assert set(references(filled(Team="sea")["Queue"])) == {"AWS::Region", "Alarm"}
    assert list(references({"Fn::Sub": "arn:${Role.Arn}:${!no}"})) == ["Role"]


def test_what_outlives_its_stack_is_known() -> None:
    assert resources_of(read(TEMPLATE), {"Team": "sea"})["Queue"].retained
