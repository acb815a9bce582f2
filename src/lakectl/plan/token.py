"""A custom resource stays with the function that made it: CloudFormation refuses to tell it another.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html:
a stack whose custom resource is to answer to another function is taken away and made again.
"""

from __future__ import annotations

from collections.abc import Mapping

from lakectl.plan.template import Resource

ANSWERED_BY = "ServiceToken"
MADE_ANEW = "is taken away and made again, because CloudFormation gives no custom resource another function"


def answers_to_another(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> bool:
    """Whether a custom resource of a stack would get another function."""
    return any(
        name in before and before[name].properties.get(ANSWERED_BY) != one.properties.get(ANSWERED_BY)
        for name, one in after.items()
    )
