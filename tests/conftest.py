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
