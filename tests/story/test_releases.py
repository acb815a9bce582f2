"""A lake grows old: the previous release is deployed, this one over it, then it is taken away and comes back.

One small lake with one dataset lives through all of it, in the order of this file; each object is published once.
"""

from __future__ import annotations

import contextlib
import shutil
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clone import COPIED, Lake, copy_of_repository, copy_sources
from lakectl import athena, kept, runs
from lakectl.commands import destroy
from lakectl.commands.deploy import blueprint_for, deploy
from lakectl.commands.drop import drop
from lakectl.stacks import Stack, stacks_of
from lakelocal import cloud

pytestmark = pytest.mark.slow
RELEASES = Path(__file__).parent / "releases"
DATASET = "airlines"
PATIENCE = 240.0


@dataclass
class Life:
    """What was seen at each age of the lake."""

    lake: Lake
    rows: list[list[str]] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    again: list[Stack] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    ends: dict[str, list[str]] = field(default_factory=dict)
    left: tuple[list[str], list[str], dict[str, Any]] = field(default_factory=lambda: ([], [], {}))

    def live(self) -> None:
        """The previous release, this one, nothing, this one again; a file arrives at each, then all is removed."""
        self._sources_of(newest_release())
        self.written.append(len(self.lake.json("deploy")["written"]))
        self._publish("before", "AA,American\n")
        self._sources_of(None)
        self.written.append(len(self._deploy()))
        self._publish("after", "BB,British\n")
        self.again = self._deploy()
        self._destroy()
        self.kept = {one.physical for many in kept.remembered(self.lake.target).values() for one in many}
        self.written.append(len(self._deploy()))
        self._publish("returned", "CC,Cape\n")
        for name in ("before", "after", "returned"):
            self.ends[name] = self.lake.states(f"aviation/airlines/{name}.csv")
        self._destroy("raw,stage,analytics,results,logs,artifacts,ledger,keys")
        self.left = self._left()

    def _sources_of(self, release: Path | None) -> None:
        """Put the sources of a release, or the present ones, where the lake is deployed from; one dataset stays."""
        for name in (one for one in COPIED if (self.lake.root / one).is_dir()):
            shutil.rmtree(self.lake.root / name)
        if release is None:
            copy_sources(self.lake.root)
        else:
            with tarfile.open(release) as archive:
                archive.extractall(self.lake.root, filter="data")
        for folder in (self.lake.root / "datasets/aviation").iterdir():
            if folder.name != DATASET:
                shutil.rmtree(folder)

    def _deploy(self) -> list[Stack]:
        target = self.lake.target
        blueprint = blueprint_for(target)
        return deploy(target, blueprint, stacks_of(blueprint))

    def _publish(self, name: str, rows: str) -> None:
        target = self.lake.target
        file = self.lake.root.parent / f"{name}.csv"
        file.write_text(f"carrier,name\n{rows}")
        drop(target, {f"aviation/airlines/{name}.csv": file})
        self._until(f"aviation/airlines/{name}.csv", "staged", "published")
        started = runs.start(target, "aviation", DATASET)
        if started.run:  # else the dataset's own turn came first
            runs.follow(target, started.execution)
        self._until(f"aviation/airlines/{name}.csv", "published")
        answer = athena.ask(target, "select carrier from aviation.airlines order by carrier", {"aviation"})
        self.rows.append([row["carrier"] for row in answer.rows])

    def _until(self, key: str, *states: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.lake.states(key) not in [[state] for state in states]:
            assert time.monotonic() < deadline, f"{key} is not {' or '.join(states)} after {PATIENCE:.0f} s"
            time.sleep(0.2)

    def _destroy(self, remove_data: str = "") -> None:
        with contextlib.chdir(self.lake.root):
            destroy.command(None, remove_data, None, yes=True)

    def _left(self) -> tuple[list[str], list[str], dict[str, Any]]:
        target = self.lake.target
        buckets = [one["Name"] for one in target.client("s3").list_buckets()["Buckets"]]
        return buckets, target.client("dynamodb").list_tables()["TableNames"], kept.remembered(target)


def newest_release() -> Path:
    return max(RELEASES.glob("*.tar.xz"), key=lambda path: [int(part) for part in path.name.split(".")[:3]])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("releases") / "lake"
    folder.mkdir()
    root = copy_of_repository(folder)
    cloud.up(root)
    try:
        found = Life(Lake(root))
        found.live()
        yield found
    finally:
        cloud.down(root)


def test_an_upgrade_keeps_rows_and_publishes_what_arrives_after_it(life: Life) -> None:
    assert life.rows[:2] == [["AA"], ["AA", "BB"]]


def test_what_is_deployed_twice_is_written_once(life: Life) -> None:
    assert life.again == []


def test_a_lake_that_was_destroyed_keeps_its_data(life: Life) -> None:
    ends = {name.rpartition("-")[2] for name in life.kept}
    assert {"raw", "stage", "analytics", "results", "logs", "artifacts"} <= ends
    assert len(life.kept) == 13, "six buckets, two tables, a key of all, a key and a database of each team"


def test_a_lake_that_returns_takes_its_data_over(life: Life) -> None:
    assert life.rows[2] == ["AA", "BB", "CC"]
    assert life.written[2] >= life.written[0]


def test_each_object_is_published_once(life: Life) -> None:
    assert life.ends == {"before": ["published"], "after": ["published"], "returned": ["published"]}


def test_data_that_is_named_is_removed(life: Life) -> None:
    assert life.left == ([], [], {})
