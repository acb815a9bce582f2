"""Who gives a connection to a pipeline must be allowed to pass that connection to CodePipeline.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakelocal.inside.request import Demand, Request

ACTIONS = ("codepipeline:CreatePipeline", "codepipeline:UpdatePipeline")
PATH = "pipeline.stages.actions.configuration.ConnectionArn"


def of_request(request: Request) -> Iterator[Demand]:
    """A demand for every connection of a pipeline that is made or changed."""
    if request.action in ACTIONS:
        for arn in values(request.json(), PATH.split(".")):
            yield passing(str(arn))


def passing(arn: str) -> Demand:
    """The prefix of action and key is that of the connection's ARN."""
    prefix = arn.split(":")[2]
    return Demand(f"{prefix}:PassConnection", arn, {f"{prefix}:passedtoservice": "codepipeline.amazonaws.com"})


def values(found: Any, path: list[str]) -> Iterator[Any]:
    """What stands at the end of a path, of every member of a list on the way."""
    if isinstance(found, list):
        for each in found:
            yield from values(each, path)
    elif not path:
        if found:
            yield found
    elif isinstance(found, dict):
        yield from values(found.get(path[0]), path[1:])
