"""Comments on GitHub, GitLab and Bitbucket, by their REST interfaces and a token that may comment.

Sources: https://docs.github.com/en/rest/issues/comments, https://docs.gitlab.com/api/notes/,
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lakectl.cicd.comments import Comment
from lakectl.failure import Failure

PAGE, SECONDS = 100, 30.0


@dataclass(frozen=True, slots=True)
class Forge:
    """How a provider speaks. `many` and `one` are paths; `text` finds what a comment says, `body` says it."""

    api: str
    many: Callable[[str, str], str]
    one: Callable[[str, str, str], str]
    method: str
    size: str
    key: Callable[[str], Mapping[str, str]]
    text: Callable[[Any], str]
    body: Callable[[str], Any]
    longest: int


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


FORGES: Mapping[str, Forge] = {
    "GitHub": Forge(
        "https://api.github.com",
        lambda repository, number: f"/repos/{repository}/issues/{number}/comments",
        lambda repository, number, comment: f"/repos/{repository}/issues/comments/{comment}",
        "PATCH",
        "per_page",
        lambda token: {**_bearer(token), "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        lambda found: str(found["body"]),
        lambda text: {"body": text},
        65_536,
    ),
    "GitLab": Forge(
        "https://gitlab.com",
        lambda repository, number: f"/api/v4/projects/{quote(repository, safe='')}/merge_requests/{number}/notes",
        lambda repository, number, comment: (
            f"/api/v4/projects/{quote(repository, safe='')}/merge_requests/{number}/notes/{comment}"
        ),
        "PUT",
        "per_page",
        lambda token: {"PRIVATE-TOKEN": token},
        lambda found: str(found["body"]),
        lambda text: {"body": text},
        1_000_000,
    ),
    "Bitbucket": Forge(
        "https://api.bitbucket.org",
        lambda repository, number: f"/2.0/repositories/{repository}/pullrequests/{number}/comments",
        lambda repository, number, comment: f"/2.0/repositories/{repository}/pullrequests/{number}/comments/{comment}",
        "PUT",
        "pagelen",
        _bearer,
        lambda found: str(found["content"]["raw"]),
        lambda text: {"content": {"raw": text}},
        32_768,
    ),
}


class ForgeComments:
    """Of one pull request of a provider; `api` is where it is, by default the provider's own."""

    def __init__(self, provider: str, repository: str, number: str, token: str, api: str = "") -> None:
        self._provider, self._repository, self._number, self._token = provider, repository, number, token
        self._forge = FORGES[provider]
        self._api = api or self._forge.api
        self.longest = self._forge.longest

    def waits_for(self, commit: str) -> bool:
        return True

    def written(self) -> list[Comment]:
        found: list[Comment] = []
        page = 1
        while True:
            path = f"{self._forge.many(self._repository, self._number)}?{self._forge.size}={PAGE}&page={page}"
            told = self._ask("GET", path)
            many = told["values"] if isinstance(told, dict) else told
            found += [Comment(str(one["id"]), self._forge.text(one)) for one in many]
            if len(many) < PAGE:
                return found
            page += 1

    def post(self, text: str) -> None:
        self._ask("POST", self._forge.many(self._repository, self._number), self._forge.body(text))

    def replace(self, comment: str, text: str) -> None:
        path = self._forge.one(self._repository, self._number, comment)
        self._ask(self._forge.method, path, self._forge.body(text))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"User-Agent": "lakewright", "Content-Type": "application/json", **self._forge.key(self._token)}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._api + path, content, headers, method=method)  # noqa: S310 - https, or a test's own server
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Failure(
                f"{self._provider} refused {method} {path}: {error.code} {_words(error)}{_hint(error.code)}"
            ) from error
        except (urllib.error.URLError, TimeoutError) as error:
            raise Failure(f"{self._provider} did not answer {method} {path}: {error}") from error


def _words(error: urllib.error.HTTPError) -> str:
    return " ".join(error.read(500).decode(errors="replace").split())


def _hint(code: int) -> str:
    known = code in (401, 403, 404)
    return ". May the token of lake.yaml, cicd.token, comment on pull requests of this repository?" if known else ""
