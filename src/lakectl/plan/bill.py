"""What resources cost a month for standing there, before anybody uses them; what is paid by use is in no template.

Prices of us-east-1, in dollars, seen in November 2026: https://aws.amazon.com/cloudwatch/pricing/,
https://aws.amazon.com/kms/pricing/ and https://aws.amazon.com/privatelink/pricing/. What an account has free of charge
is not taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lakectl.lint.document import text_of
from lakectl.plan.template import Resource

MONTHLY: Mapping[str, float] = {
    "AWS::CloudWatch::Alarm": 0.10,
    "AWS::CloudWatch::Dashboard": 3.00,
    "AWS::KMS::Key": 1.00,
    "AWS::SecretsManager::Secret": 0.40,
}
CUSTOM_METRIC = 0.30
"""An alarm on a metric of ours: it exists because of the alarm."""

INTERFACE_ENDPOINT = 7.30
"""For each zone that it stands in: 0.01 an hour. A gateway endpoint costs nothing."""


def standing(resources: Iterable[Resource]) -> float:
    """Dollars a month."""
    return round(sum(_of(one) for one in resources), 2)


def told(dollars: float) -> str:
    """A difference in words."""
    return f"{abs(dollars):.2f} dollars a month {'more' if dollars > 0 else 'less'}, before any use"


def _of(resource: Resource) -> float:
    if resource.properties.get("VpcEndpointType") == "Interface":
        return INTERFACE_ENDPOINT * len(resource.properties.get("SubnetIds", []))
    price = MONTHLY.get(resource.type, 0.0)
    namespace = resource.properties.get("Namespace", "")
    ours = resource.type == "AWS::CloudWatch::Alarm" and not (text_of(namespace) or "AWS/").startswith("AWS/")
    return price + CUSTOM_METRIC if ours else price
