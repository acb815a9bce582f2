"""CodeCommit: repositories that the git client pushes to, and what the API tells of them."""

from __future__ import annotations

import base64
import re
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from lakelocal.inside.cicd import git
from lakelocal.inside.cicd.events import emit
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.pull_requests import PullRequests
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Service
from lakelocal.inside.door import Host

KINDS = {"refs/heads/": "branch", "refs/tags/": "tag"}


class CodeCommit:
    """The repositories of this cloud; their objects lie in bare repositories beside their records."""

    def __init__(self, host: Host, folder: Path) -> None:
        self._host, self._folder = host, folder / "repositories"
        self.records = Records(folder / "codecommit")
        self.pull_requests = PullRequests(folder, self)
        verbs = {
            "CreateRepository": self.create,
            "DeleteRepository": self.delete,
            "GetRepository": lambda given: {"repositoryMetadata": self._told(self.record(given["repositoryName"]))},
            "BatchGetRepositories": self._batch_get,
            "ListRepositories": self._list,
            "GetBranch": self._branch,
            "ListBranches": self._branches,
            "GetCommit": self._commit,
            "GetDifferences": self._differences,
            "GetFile": self._file,
            **self.pull_requests.verbs,
        }
        self.service = Service("codecommit", "CodeCommit_20150413", verbs, self._resource)

    def arn(self, name: str) -> str:
        return f"arn:aws:codecommit:{self._host.region}:{self._host.account}:{name}"

    def path(self, name: str) -> Path:
        return self._folder / f"{name}.git"

    def record(self, name: str) -> Document:
        found = self.records.get(name)
        if found is None:
            raise Refused("RepositoryDoesNotExistException", f"{name} does not exist")
        return found

    def create(self, given: Given) -> dict[str, Any]:
        name = given["repositoryName"]
        if not re.fullmatch(r"[\w.-]{1,100}", name) or name.endswith(".git"):
            raise Refused("InvalidRepositoryNameException", f"{name} is not a name for a repository")
        if self.records.get(name):
            raise Refused("RepositoryNameExistsException", f"Repository named {name} already exists")
        shutil.rmtree(self.path(name), ignore_errors=True)
        git.create(self.path(name))
        now = time.time()
        made = {
            "accountId": self._host.account,
            "repositoryId": str(uuid.uuid4()),
            "repositoryName": name,
            "repositoryDescription": given.get("repositoryDescription", ""),
            "creationDate": now,
            "lastModifiedDate": now,
            "cloneUrlHttp": f"{self._host.endpoint}/v1/repos/{name}",
            "cloneUrlSsh": "",
            "Arn": self.arn(name),
            "kmsKeyId": given.get("kmsKeyId", ""),
        }
        self.records.put(name, made)
        return {"repositoryMetadata": made}

    def delete(self, given: Given) -> dict[str, Any]:
        name = given["repositoryName"]
        gone = self.records.forget(name)
        shutil.rmtree(self.path(name), ignore_errors=True)
        return {"repositoryId": gone["repositoryId"]} if gone else {}

    def _told(self, record: Document) -> Document:
        main = git.commit_of(self.path(record["repositoryName"]), "refs/heads/main")
        return record | ({"defaultBranch": "main"} if main else {})

    def _batch_get(self, given: Given) -> dict[str, Any]:
        names = given["repositoryNames"]
        return {
            "repositories": [self._told(found) for name in names if (found := self.records.get(name))],
            "repositoriesNotFound": [name for name in names if not self.records.get(name)],
        }

    def _list(self, given: Given) -> dict[str, Any]:
        named = ("repositoryName", "repositoryId")
        return {"repositories": [{name: one[name] for name in named} for one in self.records.values()]}

    def _branch(self, given: Given) -> dict[str, Any]:
        name = given["branchName"]
        commit = git.commit_of(self._at(given), f"refs/heads/{name}")
        if commit is None:
            raise Refused("BranchDoesNotExistException", f"Branch {name} does not exist in the specified repository")
        return {"branch": {"branchName": name, "commitId": commit}}

    def _branches(self, given: Given) -> dict[str, Any]:
        names = git.references(self._at(given))
        return {"branches": [one.removeprefix("refs/heads/") for one in names if one.startswith("refs/heads/")]}

    def _commit(self, given: Given) -> dict[str, Any]:
        at, wanted = self._at(given), given["commitId"]
        if git.commit_of(at, wanted) is None:
            raise Refused("CommitIdDoesNotExistException", f"Commit {wanted} does not exist")
        form = "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B"
        told = git.say(at, "show", "-s", form, wanted).split("\0")
        people = [{"name": told[i], "email": told[i + 1], "date": f"{told[i + 2]} +0000"} for i in (3, 6)]
        return {
            "commit": {
                "commitId": told[0],
                "treeId": told[1],
                "parents": told[2].split(),
                "author": people[0],
                "committer": people[1],
                "message": told[9],
                "additionalData": "",
            }
        }

    def _differences(self, given: Given) -> dict[str, Any]:
        at = self._at(given)
        after = git.commit_of(at, given["afterCommitSpecifier"])
        before = git.commit_of(at, given["beforeCommitSpecifier"]) if given.get("beforeCommitSpecifier") else None
        if after is None or (given.get("beforeCommitSpecifier") and before is None):
            raise Refused("CommitDoesNotExistException", "One of the two commits is not in the repository")
        every = git.changed(at, before, after)
        first, size = int(given.get("NextToken") or 0), int(given.get("MaxResults") or 400)
        page = [_difference(kind, path) for kind, path in every[first : first + size]]
        more = first + size < len(every)
        return {"differences": page} | ({"NextToken": str(first + size)} if more else {})

    def _file(self, given: Given) -> dict[str, Any]:
        at, path = self._at(given), given["filePath"]
        commit = git.commit_of(at, given.get("commitSpecifier") or "main")
        if commit is None:
            raise Refused("CommitDoesNotExistException", "The commit is not in the repository")
        try:
            content = git.run(at, "show", f"{commit}:{path}")
        except Refused as error:
            raise Refused("FileDoesNotExistException", f"{path} is not in commit {commit}") from error
        blob = git.say(at, "rev-parse", f"{commit}:{path}")
        about = {"commitId": commit, "blobId": blob, "filePath": path, "fileMode": "NORMAL", "fileSize": len(content)}
        return about | {"fileContent": base64.b64encode(content).decode()}

    def tell_moved(self, name: str, before: dict[str, str], after: dict[str, str]) -> None:
        """`CodeCommit Repository State Change`, once for each branch or tag that moved; pull requests hear of it."""
        record = self.record(name)
        for reference in sorted(set(before) | set(after)):
            old, new = before.get(reference), after.get(reference)
            prefix = next((one for one in KINDS if reference.startswith(one)), None)
            if old == new or prefix is None:
                continue
            happened = "referenceCreated" if old is None else "referenceUpdated" if new else "referenceDeleted"
            detail = {
                "event": happened,
                "repositoryName": name,
                "repositoryId": record["repositoryId"],
                "referenceType": KINDS[prefix],
                "referenceName": reference.removeprefix(prefix),
                "referenceFullName": reference,
                "commitId": new or old,
                **({"oldCommitId": old} if old else {}),
            }
            emit("aws.codecommit", "CodeCommit Repository State Change", detail, self.arn(name))
            if new is not None:
                self.pull_requests.moved(name, reference, new)

    def _at(self, given: Given) -> Path:
        return self.path(self.record(given["repositoryName"])["repositoryName"])

    def _resource(self, action: str, given: Given) -> str:
        name = given.get("repositoryName") or self.pull_requests.repository_of(given)
        return self.arn(str(name)) if name else "*"


def _difference(kind: str, path: str) -> dict[str, Any]:
    blob = {"path": path, "blobId": "", "mode": "100644"}
    sides = {"A": ("afterBlob",), "D": ("beforeBlob",)}.get(kind, ("beforeBlob", "afterBlob"))
    return {"changeType": kind if kind in "AD" else "M", **dict.fromkeys(sides, blob)}
