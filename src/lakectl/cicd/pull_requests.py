"""Pull requests of CodeCommit as values, and how their checks stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lakectl.failure import Failure
from lakectl.specs.name import nearest
from lakectl.target import Target

BRANCHES = "refs/heads/"
PROJECT = "pull-request"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request; `check` is the status of the build of its last commit, "" where none has begun."""

    number: str
    title: str
    status: str
    source: str
    destination: str
    commit: str
    author: str
    check: str = ""
    build: str = ""


def numbers(target: Target, repository: str, status: str | None = "OPEN") -> list[str]:
    """The newest first; all of them without a status."""
    wanted = {"repositoryName": repository} | ({"pullRequestStatus": status} if status else {})
    pages = target.client("codecommit").get_paginator("list_pull_requests").paginate(**wanted)
    return [number for page in pages for number in page["pullRequestIds"]]


def found(target: Target, repository: str, number: str) -> PullRequest:
    """Raises Failure where there is no such pull request."""
    client = target.client("codecommit")
    try:
        told = client.get_pull_request(pullRequestId=number)["pullRequest"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PullRequestDoesNotExistException", "InvalidPullRequestIdException"):
            raise
        raise Failure(f"No pull request {number}. {nearest(number, numbers(target, repository, None))}") from error
    at = told["pullRequestTargets"][0]
    merged = at["mergeMetadata"]["isMerged"]
    build = next((one for one in checks(target, number) if one["sourceVersion"] == at["sourceCommit"]), {})
    return PullRequest(
        number,
        told["title"],
        "merged" if merged else told["pullRequestStatus"].lower(),
        at["sourceReference"].removeprefix(BRANCHES),
        at["destinationReference"].removeprefix(BRANCHES),
        at["sourceCommit"],
        told["authorArn"],
        build.get("buildStatus", ""),
        build.get("id", ""),
    )


def checks(target: Target, number: str) -> Iterator[dict[str, Any]]:
    """The builds of a pull request, the newest first, of the latest hundred of all; none before `lake bootstrap`."""
    client = target.client("codebuild")
    try:
        ids = client.list_builds_for_project(projectName=f"{target.domain}-{PROJECT}")["ids"]
    except client.exceptions.ResourceNotFoundException:
        return
    for build in client.batch_get_builds(ids=ids[:100])["builds"] if ids else []:
        given = {one["name"]: one["value"] for one in build["environment"]["environmentVariables"]}
        if given.get("PULL_REQUEST") == number:
            yield build


def comments(target: Target, number: str) -> list[str]:
    """What is said on it, the oldest first."""
    pages = target.client("codecommit").get_paginator("get_comments_for_pull_request").paginate(pullRequestId=number)
    places = [place for page in pages for place in page["commentsForPullRequestData"]]
    return [one["content"] for place in places for one in place["comments"]]
