"""Triggers: which pipelines a push to a repository behind a connection starts.

A mirror has no pull requests: a pipeline that only they start is made, and nothing starts it here.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

PROVIDER = "CodeStarSourceConnection"
BRANCH, TAG = "refs/heads/", "refs/tags/"
TOKENS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
Declared = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Push:
    """One branch or tag that has moved; `paths` is None where there was nothing before that it could be compared to."""

    repository: str
    reference: str
    commit: str
    paths: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Start:
    """An execution that a push asks for: what started it, and the source action that takes this very commit."""

    kind: str
    connection: str
    action: str


def starts(pipeline: Declared, push: Push) -> Start | None:
    """What a push starts of a pipeline, if anything."""
    for action in _sources(pipeline):
        settings = action["configuration"]
        if settings["FullRepositoryId"] != push.repository:
            continue
        filters = [one for one in pipeline.get("triggers") or [] if _names(one, action["name"])]
        if any(_fits(each, push) for one in filters for each in one["gitConfiguration"].get("push") or []):
            return Start("WebhookV2", settings["ConnectionArn"], action["name"])
        detects = settings.get("DetectChanges", "true") == "true" and not filters
        if detects and push.reference == BRANCH + settings["BranchName"]:
            return Start("Webhook", settings["ConnectionArn"], action["name"])
    return None


def wrong(pipeline: Declared) -> Iterator[str]:
    """What of a pipeline's triggers AWS or the local CodePipeline would not take."""
    actions = [action["name"] for action in _sources(pipeline)]
    for trigger in pipeline.get("triggers") or []:
        settings = trigger["gitConfiguration"]
        if trigger["providerType"] != PROVIDER or settings["sourceActionName"] not in actions:
            yield f"A trigger names the source action {settings['sourceActionName']}, which is no {PROVIDER}"
        for each in (*(settings.get("push") or ()), *(settings.get("pullRequest") or ())):
            if each.get("tags") and (each.get("branches") or each.get("filePaths")):
                yield "A push filter has tags, or branches and filePaths"
            if each.get("filePaths") and not each.get("branches"):
                yield "A push filter with filePaths has branches as well"
            for glob in _globs(each):
                if set(glob) & set("[]{}\\"):
                    yield f"The local CodePipeline knows * and ** and ? in filters, and no more of {glob}"


def _globs(each: Declared) -> Iterator[str]:
    for name in ("branches", "tags", "filePaths"):
        criteria = each.get(name) or {}
        yield from (*(criteria.get("includes") or ()), *(criteria.get("excludes") or ()))


def _sources(pipeline: Declared) -> list[Declared]:
    every = (action for stage in pipeline["stages"] for action in stage["actions"])
    return [action for action in every if action["actionTypeId"]["provider"] == PROVIDER]


def _names(trigger: Declared, action: str) -> bool:
    return bool(trigger["gitConfiguration"]["sourceActionName"] == action)


def _fits(each: Declared, push: Push) -> bool:
    """All parts of one filter must fit. AWS compares no paths where a branch is new, and starts nothing then."""
    if push.reference.startswith(TAG):
        return bool(each.get("tags")) and _chosen(each["tags"], [push.reference.removeprefix(TAG)])
    if each.get("tags") or not _chosen(each.get("branches"), [push.reference.removeprefix(BRANCH)]):
        return False
    return not each.get("filePaths") or (push.paths is not None and _chosen(each["filePaths"], push.paths))


def _chosen(criteria: Declared | None, names: Iterable[str]) -> bool:
    """Whether one of the names is included, or nothing is said of includes, and not excluded."""
    includes, excludes = (criteria or {}).get("includes") or ["**"], (criteria or {}).get("excludes") or []
    return any(_matches(includes, name) and not _matches(excludes, name) for name in names)


def _matches(globs: Iterable[str], name: str) -> bool:
    return any(_pattern(glob).fullmatch(name) for glob in globs)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    """One star stays within a folder, two do not."""
    words = re.findall(r"\*\*|.", glob, re.DOTALL)
    return re.compile("".join(TOKENS.get(word) or re.escape(word) for word in words), re.DOTALL)
