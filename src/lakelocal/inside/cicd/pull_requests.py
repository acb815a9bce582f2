"""CodeCommit's pull requests: made, listed, closed, merged by fast-forward; each change is told as on AWS.

Events: https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html#pullRequestCreated
"""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakelocal.inside.cicd import git
from lakelocal.inside.cicd.events import emit
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.pull_request_comments import Comments
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Verb, caller

if TYPE_CHECKING:
    from lakelocal.inside.cicd.codecommit import CodeCommit

BRANCHES = "refs/heads/"
EVENT = "CodeCommit Pull Request State Change"


class PullRequests:
    """The pull requests of all repositories; an open one follows its two branches."""

    def __init__(self, folder: Path, repositories: CodeCommit) -> None:
        self._repositories = repositories
        self._records = Records(folder / "pull-requests")
        self._comments = Comments(folder, self)
        self._lock = threading.Lock()

    @property
    def verbs(self) -> dict[str, Verb]:
        return {
            "CreatePullRequest": self._create,
            "GetPullRequest": lambda given: {"pullRequest": self._told(self.record(given["pullRequestId"]))},
            "ListPullRequests": self._list,
            "UpdatePullRequestStatus": self._update_status,
            "MergePullRequestByFastForward": self._merge,
            **self._comments.verbs,
        }

    def repository_of(self, given: Given) -> str | None:
        """The repository that a call is about when it names a pull request or a comment alone."""
        targets = given.get("targets") or [{}]
        found = self._records.get(str(given.get("pullRequestId"))) or self._comments.request_of(given)
        return targets[0].get("repositoryName") or (_target(found)["repositoryName"] if found else None)

    def record(self, number: str, repository: str | None = None) -> Document:
        found = self._records.get(number)
        if found is None:
            raise Refused("PullRequestDoesNotExistException", f"There is no pull request {number}")
        if repository not in (None, _target(found)["repositoryName"]):
            raise Refused("RepositoryNotAssociatedWithPullRequestException", f"{number} is not of {repository}")
        return found

    def moved(self, repository: str, reference: str, commit: str) -> None:
        """A branch was pushed: open pull requests that would merge it have another commit now."""
        for record in self._records.values():
            target = _target(record)
            if record["pullRequestStatus"] != "OPEN" or target["repositoryName"] != repository:
                continue
            if target["sourceReference"] == reference and target["sourceCommit"] != commit:
                target["sourceCommit"] = commit
                self._keep(record)
                self._tell("pullRequestSourceBranchUpdated", record)

    def _create(self, given: Given) -> dict[str, Any]:
        if len(given["targets"]) != 1:
            raise Refused("MultipleRepositoriesInPullRequestException", "A pull request has one target")
        wanted, at = given["targets"][0], self._at(given["targets"][0]["repositoryName"])
        source = _full(wanted["sourceReference"])
        destination = _full(wanted.get("destinationReference") or "main")
        if source == destination:
            raise Refused("SourceAndDestinationAreSameException", f"{source} cannot be merged into itself")
        tips = {reference: git.commit_of(at, reference) for reference in (source, destination)}
        lacking = [reference for reference, commit in tips.items() if commit is None]
        if lacking:
            raise Refused("ReferenceDoesNotExistException", f"{lacking[0]} does not exist in the repository")
        now, token = time.time(), given.get("clientRequestToken")
        with self._lock:
            again = next((one for one in self._records.values() if token and one["clientRequestToken"] == token), None)
            if again is not None:
                return {"pullRequest": self._told(again)}
            record: Document = {
                "pullRequestId": str(len(self._records.values()) + 1),
                "title": given["title"],
                "description": given.get("description", ""),
                "creationDate": now,
                "pullRequestStatus": "OPEN",
                "authorArn": caller(),
                "clientRequestToken": token,
                "approvalRules": [],
                "pullRequestTargets": [
                    {
                        "repositoryName": wanted["repositoryName"],
                        "sourceReference": source,
                        "destinationReference": destination,
                        "sourceCommit": tips[source],
                        "destinationCommit": tips[destination],
                        "mergeMetadata": {"isMerged": False},
                    }
                ],
            }
            self._keep(record)
        self._tell("pullRequestCreated", record, caller())
        return {"pullRequest": self._told(record)}

    def _list(self, given: Given) -> dict[str, Any]:
        self._repositories.record(given["repositoryName"])
        wanted = {"pullRequestStatus": given.get("pullRequestStatus"), "authorArn": given.get("authorArn")}
        found = [
            one["pullRequestId"]
            for one in self._records.values()
            if _target(one)["repositoryName"] == given["repositoryName"]
            and all(value in (None, one[name]) for name, value in wanted.items())
        ]
        newest = sorted(found, key=int, reverse=True)
        first, size = int(given.get("nextToken") or 0), int(given.get("maxResults") or 100)
        more = first + size < len(newest)
        return {"pullRequestIds": newest[first : first + size]} | ({"nextToken": str(first + size)} if more else {})

    def _update_status(self, given: Given) -> dict[str, Any]:
        record = self.record(given["pullRequestId"])
        if given["pullRequestStatus"] != "CLOSED":
            raise Refused("InvalidPullRequestStatusUpdateException", "A pull request can only be closed")
        if record["pullRequestStatus"] == "OPEN":
            record |= {"pullRequestTargets": self._told(record)["pullRequestTargets"], "pullRequestStatus": "CLOSED"}
            self._keep(record)
            self._tell("pullRequestStatusChanged", record, caller())
        return {"pullRequest": self._told(record)}

    def _merge(self, given: Given) -> dict[str, Any]:
        name = given["repositoryName"]
        with self._lock:
            record = self.record(given["pullRequestId"], name)
            if record["pullRequestStatus"] != "OPEN":
                raise Refused("PullRequestAlreadyClosedException", f"{record['pullRequestId']} is closed")
            target = self._told(record)["pullRequestTargets"][0]
            before, after = target["destinationCommit"], target["sourceCommit"]
            if given.get("sourceCommitId") not in (None, after):
                raise Refused("TipOfSourceReferenceIsDifferentException", f"The source branch is at {after} now")
            if target["mergeBase"] != before:
                raise Refused("ManualMergeRequiredException", "The source branch does not have all of the destination")
            how = {"isMerged": True, "mergedBy": caller(), "mergeCommitId": after, "mergeOption": "FAST_FORWARD_MERGE"}
            git.move(self._at(name), target["destinationReference"], before, after)
            record |= {"pullRequestTargets": [target | {"mergeMetadata": how}], "pullRequestStatus": "CLOSED"}
            self._keep(record)
        self._tell("pullRequestMergeStatusUpdated", record, caller())
        self._repositories.tell_moved(
            name, {target["destinationReference"]: before}, {target["destinationReference"]: after}
        )
        return {"pullRequest": self._told(record)}

    def _told(self, record: Document) -> Document:
        """A record as the API shows it; the destination of an open one is where its branch is now."""
        target = dict(_target(record))
        at = self._at(target["repositoryName"])
        if record["pullRequestStatus"] == "OPEN":
            target["destinationCommit"] = (
                git.commit_of(at, target["destinationReference"]) or target["destinationCommit"]
            )
        target["mergeBase"] = git.merge_base(at, target["sourceCommit"], target["destinationCommit"])
        return {**record, "pullRequestTargets": [target]}

    def _keep(self, record: Document) -> None:
        target = _target(record)
        said = f"{target['sourceCommit']} {target['destinationCommit']}"
        record |= {"lastActivityDate": time.time(), "revisionId": hashlib.sha256(said.encode()).hexdigest()}
        self._records.put(record["pullRequestId"], record)

    def _at(self, repository: str) -> Path:
        return self._repositories.path(self._repositories.record(repository)["repositoryName"])

    def _tell(self, event: str, record: Document, who: str = "") -> None:
        target = _target(record)
        merged = target["mergeMetadata"]
        detail = {
            "event": event,
            "pullRequestId": record["pullRequestId"],
            "title": record["title"],
            "description": record["description"],
            "author": record["authorArn"],
            **({"callerUserArn": who} if who else {}),
            "pullRequestStatus": record["pullRequestStatus"].title(),
            "isMerged": str(merged["isMerged"]),
            **({"mergeOption": merged["mergeOption"]} if merged["isMerged"] else {}),
            "repositoryNames": [target["repositoryName"]],
            "sourceReference": target["sourceReference"],
            "sourceCommit": target["sourceCommit"],
            "destinationReference": target["destinationReference"],
            "destinationCommit": target["destinationCommit"],
            "revisionId": record["revisionId"],
            "creationDate": _date(record["creationDate"]),
            "lastModifiedDate": _date(record["lastActivityDate"]),
        }
        emit("aws.codecommit", EVENT, detail, self._repositories.arn(target["repositoryName"]))


def _target(record: Document) -> Document:
    found: Document = record["pullRequestTargets"][0]
    return found


def _full(reference: str) -> str:
    return reference if reference.startswith(BRANCHES) else BRANCHES + reference


def _date(stamp: float) -> str:
    return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(stamp))
