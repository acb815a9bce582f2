"""The tags of every stack. CloudFormation hands them on to each resource that takes tags; costs are known by them."""

from __future__ import annotations

TAGS = ("lake:domain", "lake:environment", "lake:room", "lake:owner")


def tags_of(domain: str, environment: str, room: str, owner: str) -> dict[str, str]:
    return dict(zip(TAGS, (domain, environment, room, owner), strict=True))
