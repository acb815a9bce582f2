"""What is said on pull requests: comments, which their authors alone may change."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Verb, caller

if TYPE_CHECKING:
    from lakelocal.inside.cicd.pull_requests import PullRequests

LONGEST = 10_240
"""Characters of a comment: https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html"""
PLACE = ("pullRequestId", "repositoryName", "beforeCommitId", "afterCommitId", "location")


class Comments:
    """The comments of all pull requests, each with the place that it is about."""

    def __init__(self, folder: Path, requests: PullRequests) -> None:
        self._requests = requests
        self._records = Records(folder / "comments")

    @property
    def verbs(self) -> dict[str, Verb]:
        return {
            "PostCommentForPullRequest": self._post,
            "GetCommentsForPullRequest": self._list,
            "GetComment": lambda given: {"comment": self._record(given)["comment"]},
            "UpdateComment": self._update,
        }

    def request_of(self, given: Given) -> Document | None:
        """The pull request that the comment of a call is on."""
        found = self._records.get(str(given.get("commentId")))
        return self._requests.record(found["pullRequestId"]) if found else None

    def _post(self, given: Given) -> dict[str, Any]:
        self._requests.record(given["pullRequestId"], given["repositoryName"])
        content, now = _checked(given["content"]), time.time()
        token = given.get("clientRequestToken")
        for known in self._records.values():
            if token and known["comment"]["clientRequestToken"] == token:
                return known
        comment = {
            "commentId": str(uuid.uuid4()),
            "content": content,
            "creationDate": now,
            "lastModifiedDate": now,
            "authorArn": caller(),
            "deleted": False,
            "clientRequestToken": token,
        }
        record = {**{name: given[name] for name in PLACE if given.get(name)}, "comment": comment}
        self._records.put(comment["commentId"], record)
        return record

    def _list(self, given: Given) -> dict[str, Any]:
        self._requests.record(given["pullRequestId"], given.get("repositoryName"))
        every = [one for one in self._records.values() if one["pullRequestId"] == given["pullRequestId"]]
        every.sort(key=lambda one: float(one["comment"]["creationDate"]))
        first, size = int(given.get("nextToken") or 0), int(given.get("maxResults") or 100)
        page = [{**_place(one), "comments": [one["comment"]]} for one in every[first : first + size]]
        more = first + size < len(every)
        return {"commentsForPullRequestData": page} | ({"nextToken": str(first + size)} if more else {})

    def _update(self, given: Given) -> dict[str, Any]:
        record = self._record(given)
        if record["comment"]["authorArn"] != caller():
            raise Refused("CommentNotCreatedByCallerException", "Only its author may change a comment")
        record["comment"] |= {"content": _checked(given["content"]), "lastModifiedDate": time.time()}
        self._records.put(given["commentId"], record)
        return {"comment": record["comment"]}

    def _record(self, given: Given) -> Document:
        found = self._records.get(given["commentId"])
        if found is None:
            raise Refused("CommentDoesNotExistException", f"There is no comment {given['commentId']}")
        return found


def _checked(content: str) -> str:
    if not content:
        raise Refused("CommentContentRequiredException", "A comment says something")
    if len(content) > LONGEST:
        raise Refused("CommentContentSizeLimitExceededException", f"A comment has at most {LONGEST:,} characters")
    return content


def _place(record: Document) -> Document:
    return {name: record[name] for name in PLACE if name in record}
