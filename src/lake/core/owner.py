"""Who owns what a commit changes: the platform, or teams alone."""

from __future__ import annotations

from collections.abc import Iterable

PLATFORM = "platform"
DATASETS, DOCUMENTS = "datasets", ("docs/", ".github/")


def owners_of(paths: Iterable[str]) -> tuple[str, ...]:
    """Whose pipelines a commit with these changes starts, sorted.

    The platform deploys everything, so whatever lies outside the folders of teams is its own, and then it alone
    is started. Documents are deployed by nobody.
    """
    found = {_owner(path) for path in paths} - {""}
    return (PLATFORM,) if PLATFORM in found else tuple(sorted(found))


def _owner(path: str) -> str:
    parts = path.split("/")
    if len(parts) > 3 and parts[0] == DATASETS:
        return parts[1]
    return "" if path.startswith(DOCUMENTS) or path.endswith(".md") else PLATFORM
