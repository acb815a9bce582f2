"""The slow tests of one folder share a local cloud or a Spark session, so they stay in one process."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ALONE = ("test_fresh_clone.py", "test_formats.py", "test_releases.py")
"""Long stories on clouds of their own."""
LONGEST_FIRST = ("story", "local", *ALONE, "heavy", "cicd", "sam", "deploying", "contract")
"""Groups in the order in which processes take them, so that none of them starts a long one at the end."""


def group_of(item: pytest.Item) -> str:
    place = item.path.relative_to(TESTS)
    return place.name if place.name in ALONE else place.parts[0]


def turn_of(item: pytest.Item) -> int:
    group = group_of(item)
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


@pytest.hookimpl(tryfirst=True)  # before xdist's own, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=turn_of)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """An xdist that did not read the groups would start every cloud and every Spark twice, and say nothing."""
    if session.config.getoption("loadgroup", default=False):
        lost = [item.nodeid for item in session.items if "@" not in item.nodeid.rpartition("::")[2]]
        if lost:
            pytest.exit(f"pytest-xdist read no group of {lost[0]}: its version does not fit pytest's", returncode=3)
