"""The slow tests of one folder share a local cloud or a Spark session, so they stay in one process.

What Hypothesis draws is the same in every run: a commit is judged by its own faults, not by a rare one that was there
before. `pytest --hypothesis-profile=default tests/unit/test_convergence.py` draws anew; what it finds becomes an
`@example`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("the same", derandomize=True)
settings.load_profile("the same")

TESTS = Path(__file__).parent
ALONE = ("test_fresh_clone.py", "test_formats.py", "test_releases.py")
"""Long stories on clouds of their own."""
LONGEST_FIRST = (
    *("story", "cicd", "test_fresh_clone.py", "heavy", "local", "sam"),
    *("deploying", "test_formats.py", "test_releases.py", "tools", "contract"),
)
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
