"""What is said on a pull request: one comment of ours, written anew with each commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    text: str


class Comments(Protocol):
    """The comments of one pull request, wherever it is."""

    longest: int
    """Characters that a comment may have."""

    def waits_for(self, commit: str) -> bool:
        """Whether the pull request is open, and this is its last commit; true where nobody can tell."""

    def written(self) -> list[Comment]:
        """Those that we may write anew, the oldest first."""

    def post(self, text: str) -> None: ...

    def replace(self, comment: str, text: str) -> None: ...


def put(comments: Comments, mark: str, text: str) -> None:
    """Make this the one comment that begins with the mark."""
    said = next((one for one in comments.written() if one.text.startswith(mark)), None)
    wanted = shortened(f"{mark}{text}", comments.longest)
    if said is None:
        comments.post(wanted)
    elif said.text != wanted:
        comments.replace(said.id, wanted)


def shortened(text: str, longest: int) -> str:
    """As many whole lines as there is room for, and how many are left out."""
    if len(text) <= longest:
        return text
    lines, kept = text.splitlines(), 0
    room = longest - len(_left_out(len(lines)))
    while kept < len(lines) and len(lines[kept]) < room:
        room -= len(lines[kept]) + 1
        kept += 1
    return "\n".join([*lines[:kept], _left_out(len(lines) - kept)])


def _left_out(lines: int) -> str:
    return f"\n… and {lines} lines more, which the log of the check has."


class CodeCommitComments:
    """Of a pull request of CodeCommit, as whoever the client is: nobody may change what somebody else wrote."""

    longest = 10_240  # https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html

    def __init__(self, client: Any, me: str, number: str) -> None:
        self._client, self._me, self._number = client, me, number
        request = client.get_pull_request(pullRequestId=number)["pullRequest"]
        self._open = request["pullRequestStatus"] == "OPEN"
        self._target = request["pullRequestTargets"][0]

    def waits_for(self, commit: str) -> bool:
        return self._open and commit in ("", self._target["sourceCommit"])

    def written(self) -> list[Comment]:
        pages = self._client.get_paginator("get_comments_for_pull_request").paginate(pullRequestId=self._number)
        every = [one for page in pages for place in page["commentsForPullRequestData"] for one in place["comments"]]
        ours = [one for one in every if one["authorArn"] == self._me and not one.get("deleted")]
        return [Comment(one["commentId"], one["content"]) for one in ours]

    def post(self, text: str) -> None:
        self._client.post_comment_for_pull_request(
            pullRequestId=self._number,
            repositoryName=self._target["repositoryName"],
            beforeCommitId=self._target["destinationCommit"],
            afterCommitId=self._target["sourceCommit"],
            content=text,
        )

    def replace(self, comment: str, text: str) -> None:
        self._client.update_comment(commentId=comment, content=text)
