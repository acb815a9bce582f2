"""team/<team>.yaml: a team's room."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from lakectl.specs.lake import Email
from lakectl.specs.model import Spec, TeamName
from lakectl.specs.quantity import Bytes


class Query(Spec):
    """What one Athena query of the team may scan at most."""

    scan_limit: Bytes = 100 * 1024**3


class Notification(Spec):
    """Who hears of the team's alarms."""

    email: Email


class TeamSpec(Spec):
    NOT_BUILT: ClassVar[dict[str, str]] = {
        "members": "Grant people the team's reader role in your identity provider.",
        "roles": "A team has one reader role.",
        "budget": "Set 'query: {scan_limit: 100 GB}' to bound what a query costs, and budget in lake.yaml for all.",
    }

    team: TeamName
    description: str
    owner: Email
    notification: Notification | None = None
    query: Query = Query()
    repository: str | None = None
    """A repository of the team alone, for its datasets and its pipelines; by default they are in the platform's."""
    tags: Annotated[dict[str, str], Field(default_factory=dict, max_length=40)]
