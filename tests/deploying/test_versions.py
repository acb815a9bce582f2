"""A deployment that changes a function publishes a version and moves the alias; one that fails moves it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from clone import Lake
from deploying.conftest import Lives, planned, written
from lakectl import versions
from lakectl.failure import Failure
from lakectl.functions import FUNCTIONS, deployed
from lakectl.release import LIVE

pytestmark = pytest.mark.slow
ROOM = "foundations/arrivals.yaml"
STACK = "lake-dev-arrivals"


@dataclass(frozen=True)
class Route:
    """The function that turns arrivals into batches, as it stands."""

    lake: Lake

    @property
    def name(self) -> str:
        return self.lake.target.setting("arrivals", "platform", "route-function")

    @property
    def live(self) -> dict[str, Any]:
        """What is called: its version, memory, release and code."""
        client = self.lake.target.client("lambda")
        found = client.get_function_configuration(FunctionName=self.name, Qualifier=LIVE)
        return {one: found[one] for one in ("Version", "MemorySize", "Description", "CodeSha256")}

    @property
    def versions(self) -> list[int]:
        return versions.published(self.lake.target, self.name)


@contextmanager
def room(lake: Lake, *changes: tuple[str, str]) -> Iterator[None]:
    path = lake.root / ROOM
    before = text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


@pytest.fixture
def route(lake: Lake, first: Lives) -> Iterator[Route]:
    written(lake)
    yield Route(lake)
    written(lake)


def test_every_function_is_called_by_an_alias_of_a_version(route: Route) -> None:
    for function in FUNCTIONS:
        there = deployed(route.lake.target, function, "aviation")
        assert there.version.isdigit() and there.arn.endswith((f":{LIVE}", f":{there.version}")), function.name
    mappings = route.lake.target.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert {one["FunctionArn"].rpartition(":")[2] for one in mappings} == {LIVE}


def test_configuration_alone_publishes_a_version_and_nothing_changed_publishes_none(route: Route) -> None:
    before = route.live
    with room(route.lake, ("MemorySize: 1024", "MemorySize: 896")):
        assert written(route.lake) == [STACK]
        assert route.live["MemorySize"] == 896 and int(route.live["Version"]) > int(before["Version"])
        assert int(before["Version"]) in route.versions, "the version before is still there"
        changed = route.versions
        assert written(route.lake) == []
        assert (route.versions, planned(route.lake).changes) == (changed, ())


def test_what_changes_no_function_publishes_no_version(route: Route) -> None:
    before = route.live["Version"], route.versions
    with room(route.lake, ("Threshold: 900", "Threshold: 901")):
        assert written(route.lake) == [STACK]
        assert (route.live["Version"], route.versions) == before


def test_an_update_that_fails_leaves_the_alias_where_it_was(route: Route) -> None:
    """The mapping comes after the alias, so a version had been published, and the alias had been moved."""
    before, old = route.live, route.versions
    with room(route.lake, ("MemorySize: 1024", "MemorySize: 960"), ("BatchSize: 500", "BatchSize: 20000")):
        with pytest.raises(Failure, match="RouteTakesArrivals"):
            written(route.lake)
        assert (route.live, route.versions) == (before, old)
    with room(route.lake, ("MemorySize: 1024", "MemorySize: 960")):
        assert written(route.lake) == [STACK]
        assert route.live["MemorySize"] == 960
        assert int(route.live["Version"]) == int(before["Version"]) + 2, "the one that was undone had a number"


def test_only_the_newest_versions_are_kept(route: Route) -> None:
    client = route.lake.target.client("lambda")
    said = client.get_function_configuration(FunctionName=route.name)["Description"]
    for number in range(versions.KEPT):
        client.update_function_configuration(FunctionName=route.name, Description=f"by hand {number}")
        client.publish_version(FunctionName=route.name)
    client.update_function_configuration(FunctionName=route.name, Description=said)
    oldest = route.versions[0]
    client.create_alias(FunctionName=route.name, Name="mine", FunctionVersion=str(oldest))
    with room(route.lake, ("MemorySize: 1024", "MemorySize: 832")):
        written(route.lake)
    try:
        kept = route.versions
        assert kept[0] == oldest, "an alias names it"
        assert len(kept) == versions.KEPT + 1 and str(kept[-1]) == route.live["Version"]
    finally:
        client.delete_alias(FunctionName=route.name, Name="mine")
