"""What resources cost for standing there."""

from __future__ import annotations

from typing import Any

import pytest

from lakectl.plan import bill
from lakectl.plan.template import Resource


@pytest.mark.parametrize(
    ("kind", "properties", "dollars"),
    [
        ("AWS::KMS::Key", {}, 1.0),
        ("AWS::CloudWatch::Dashboard", {}, 3.0),
        ("AWS::CloudWatch::Alarm", {"Namespace": "AWS/SQS"}, 0.1),
        ("AWS::CloudWatch::Alarm", {"Namespace": "Lakewright/lake-dev"}, 0.4),
        ("AWS::CloudWatch::Alarm", {"Namespace": {"Fn::Sub": "Lakewright/${AWS::Region}"}}, 0.4),
        ("AWS::CloudWatch::Alarm", {"Metrics": []}, 0.1),
        ("AWS::SQS::Queue", {}, 0.0),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway", "RouteTableIds": ["r"]}, 0.0),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}, 14.6),
    ],
)
def test_a_resource_has_its_price(kind: str, properties: dict[str, Any], dollars: float) -> None:
    assert bill.standing([Resource("It", kind, properties)]) == pytest.approx(dollars)


def test_a_difference_says_its_direction() -> None:
    assert bill.told(1.5) == "1.50 dollars a month more, before any use"
    assert bill.told(-0.1) == "0.10 dollars a month less, before any use"
