"""Versions of functions that deployments left behind: a few stay, to look at and to go back to by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from botocore.exceptions import ClientError

from lakectl.functions import FUNCTIONS, OF_A_TEAM
from lakectl.release import LIVE
from lakectl.stacks import Stack
from lakectl.target import Target

KEPT = 5
"""The newest versions of a function that stay. All packages of all versions share an account's 75 GB:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


def remove_oldest(target: Target, stacks: Sequence[Stack]) -> None:
    """Remove what is older than the newest `KEPT` of the functions of these stacks; what an alias names stays."""
    client = target.client("lambda")
    for function in _functions(target, stacks):
        for number in published(target, function)[:-KEPT]:
            try:
                client.delete_function(FunctionName=function, Qualifier=str(number))
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceConflictException":
                    raise


def published(target: Target, function: str) -> list[int]:
    """The versions of a function, oldest first."""
    pages = target.client("lambda").get_paginator("list_versions_by_function").paginate(FunctionName=function)
    return sorted(int(one["Version"]) for page in pages for one in page["Versions"] if one["Version"].isdigit())


def _functions(target: Target, stacks: Sequence[Stack]) -> Iterator[str]:
    for stack in stacks:
        for function in FUNCTIONS:
            if stack.template.as_posix().endswith(f"/{function.template}"):
                room, owner, thing = function.setting
                yield target.setting(room, owner.replace(OF_A_TEAM, stack.owner), thing).removesuffix(f":{LIVE}")
