"""Start pipelines: a push to CodeCommit, which knows no filters by path, starts the pipelines of what it changed.

Event: https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html#referenceUpdated
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from lake.core.owner import PLATFORM, owners_of
from lake.gateways.commits import CodeCommits, Commits
from lake.gateways.pipelines import CodePipelines, Pipelines
from lake.handlers.messages import Event
from lake.handlers.setting import client, start_logging, variable

logger = logging.getLogger("lake")


@cache
def wired() -> tuple[Commits, Pipelines]:
    start_logging()
    return CodeCommits(client("codecommit")), CodePipelines(client("codepipeline"))


def handler(event: Event, context: object) -> dict[str, Any]:
    commits, pipelines = wired()
    started = started_by(commits, pipelines, variable("LAKE_DOMAIN"), event["detail"])
    logger.info("started %s", started)
    return {"started": list(started)}


def started_by(commits: Commits, pipelines: Pipelines, domain: str, detail: Mapping[str, str]) -> tuple[str, ...]:
    """Start what a push asks for, and say whose pipelines those are; the platform's also where a team has none yet."""
    commit, before = detail["commitId"], detail.get("oldCommitId")
    owners = owners_of(commits.changed(detail["repositoryName"], before, commit)) if before else (PLATFORM,)
    lacking = [owner for owner in owners if not pipelines.start(f"{domain}-{owner}", commit)]
    if lacking and PLATFORM not in owners:
        pipelines.start(f"{domain}-{PLATFORM}", commit)
        return (*(owner for owner in owners if owner not in lacking), PLATFORM)
    return owners
