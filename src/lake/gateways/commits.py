"""Commits of a repository: what lies between two of them."""

from __future__ import annotations

from typing import Any, Protocol

from lake.gateways.trouble import asking


class Commits(Protocol):
    def changed(self, repository: str, before: str, after: str) -> list[str]:
        """The paths that differ between two commits, before or after."""


class CodeCommits:
    def __init__(self, client: Any) -> None:
        self._client = client

    def changed(self, repository: str, before: str, after: str) -> list[str]:
        wanted = {"repositoryName": repository, "beforeCommitSpecifier": before, "afterCommitSpecifier": after}
        paths: set[str] = set()
        with asking(f"The changes of {repository} between {before} and {after}"):
            for page in self._client.get_paginator("get_differences").paginate(**wanted):
                for one in page["differences"]:
                    paths |= {one[side]["path"] for side in ("beforeBlob", "afterBlob") if side in one}
        return sorted(paths)
