"""The slow tests of one folder share a local cloud or a Spark session, so they stay in one process."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ALONE = ("test_fresh_clone.py",)


@pytest.hookimpl(tryfirst=True)  # before xdist's own, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(TESTS)
        group = place.name if place.name in ALONE else place.parts[0]
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish(session: pytest.Session) -> None:
    """An xdist that did not read the groups would start every cloud and every Spark twice, and say nothing."""
    if session.config.getoption("loadgroup", default=False):
        lost = [item.nodeid for item in session.items if "@" not in item.nodeid.rpartition("::")[2]]
        if lost:
            pytest.exit(f"pytest-xdist read no group of {lost[0]}: its version does not fit pytest's", returncode=3)
