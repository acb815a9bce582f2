"""A lake grows old: the previous release is deployed, this one over it, then it is taken away and comes back.

One small lake with one dataset lives through all of it, in the order of this file; each object is published once.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clone import COPIED, Lake, copy_of_repository
from lakectl import kept
from lakectl.demo.journey import Journey
from lakelocal import cloud

pytestmark = pytest.mark.slow
RELEASES = Path(__file__).parent / "releases"
DATASET = "aviation.airlines"
ROWS = "select carrier, name from aviation.airlines order by carrier"


@dataclass
class Life:
    """What was seen at each age of the lake."""

    lake: Lake
    snapshots: list[list[dict[str, Any]]] = field(default_factory=list)
    deployed: list[int] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    again: list[str] = field(default_factory=list)
    ends: dict[str, list[str]] = field(default_factory=dict)
    left: tuple[list[str], list[str], dict[str, Any]] = field(default_factory=lambda: ([], [], {}))

    def live(self) -> None:
        """The previous release, this one, nothing, this one again; a file arrives at each, then all is removed."""
        self._sources_of(newest_release())
        self._deploy_and_publish("before", "AA,American\n")
        self._sources_of(None)
        self._deploy_and_publish("after", "BB,British\n")
        self.again = self.lake.json("deploy")["written"]
        self.lake.command("destroy", "--yes")
        self.kept = {one.physical for many in kept.remembered(self.lake.target).values() for one in many}
        self._deploy_and_publish("returned", "CC,Cape\n")
        for name in ("before", "after", "returned"):
            versions = self.lake.json("trace", f"aviation/airlines/{name}.csv")["versions"]
            self.ends[name] = [version["state"] for version in versions]
        everything = "raw,stage,analytics,results,logs,artifacts,ledger,keys"
        self.lake.command("destroy", "--remove-data", everything, "--yes")
        self.left = self._left()

    def _sources_of(self, release: Path | None) -> None:
        """Put the sources of a release, or the present ones, where the lake is deployed from; one dataset stays."""
        for name in COPIED:
            place = self.lake.root / name
            if place.is_dir():
                shutil.rmtree(place)
        if release is None:
            present = copy_of_repository(self.lake.root.parent / "present")
            for name in COPIED:
                if (present / name).is_dir():
                    shutil.copytree(present / name, self.lake.root / name)
        else:
            with tarfile.open(release) as archive:
                archive.extractall(self.lake.root, filter="data")
        for folder in (self.lake.root / "datasets/aviation").iterdir():
            if folder.name != DATASET.partition(".")[2]:
                shutil.rmtree(folder)

    def _deploy_and_publish(self, name: str, rows: str) -> None:
        self.deployed.append(len(self.lake.json("deploy")["written"]))
        file = self.lake.root.parent / f"{name}.csv"
        file.write_text(f"carrier,name\n{rows}")
        self.lake.command("drop", str(file), "-d", DATASET)
        Journey(self.lake.root).quiet()
        self.lake.command("run", DATASET)
        self.snapshots.append(self.lake.query(ROWS))

    def _left(self) -> tuple[list[str], list[str], dict[str, Any]]:
        target = self.lake.target
        buckets = [one["Name"] for one in target.client("s3").list_buckets()["Buckets"]]
        return buckets, target.client("dynamodb").list_tables()["TableNames"], kept.remembered(target)


def newest_release() -> Path:
    return max(RELEASES.glob("*.tar.xz"), key=lambda path: [int(part) for part in path.name.split(".")[:3]])


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("releases")
    (folder / "lake").mkdir()
    (folder / "present").mkdir()
    root = copy_of_repository(folder / "lake")
    cloud.up(root)
    try:
        found = Life(Lake(root))
        found.live()
        yield found
    finally:
        cloud.down(root)


def test_an_upgrade_keeps_rows_and_publishes_what_arrives_after_it(life: Life) -> None:
    assert life.snapshots[0] == [{"carrier": "AA", "name": "American"}]
    assert [row["carrier"] for row in life.snapshots[1]] == ["AA", "BB"]


def test_what_is_deployed_twice_is_written_once(life: Life) -> None:
    assert life.again == []


def test_a_lake_that_was_destroyed_keeps_its_data_by_name(life: Life) -> None:
    ends = {name.rpartition("-")[2] for name in life.kept}
    assert {"raw", "stage", "analytics", "results", "logs", "artifacts"} <= ends
    assert len(life.kept) == 11


def test_a_lake_that_returns_takes_its_data_over(life: Life) -> None:
    assert [row["carrier"] for row in life.snapshots[2]] == ["AA", "BB", "CC"]
    assert life.deployed[2] == life.deployed[0]


def test_each_object_is_published_once(life: Life) -> None:
    assert life.ends == {"before": ["published"], "after": ["published"], "returned": ["published"]}


def test_data_that_is_named_is_removed(life: Life) -> None:
    assert life.left == ([], [], {})
