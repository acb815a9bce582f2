"""Every format through the whole lake: dropped, staged, published, asked for; and a broken file of each, rejected."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from delivered import DELIVERIES, FORMATS, Delivery, expected

from lakectl import athena, runs
from lakectl.commands.drop import drop
from lakectl.commands.trace import trace
from lakectl.demo.journey import Journey
from lakectl.opened import Opened, opened

pytestmark = pytest.mark.slow
TEAM = "aviation"


@pytest.fixture(scope="module")
def delivered(lake: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Delivery]]:
    """A dataset of each format declared at once, all files dropped at once, all runs started together."""
    folder = tmp_path_factory.mktemp("delivered")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        found = {name: make() for name, make in DELIVERIES.items()}
    for name in found:
        home = lake.root / "datasets" / TEAM / f"in_{name}"
        home.mkdir()
        (home / "dataset.yaml").write_text((FORMATS / name / "dataset.yaml").read_text())
    lake.command("deploy")
    drop(lake.target, dict(_files(found, folder)))
    Journey(lake.root).quiet()
    with ThreadPoolExecutor(len(found)) as pool:
        list(pool.map(lambda name: _published(lake, name), found))
    yield found


def _files(found: dict[str, Delivery], folder: Path) -> Iterator[tuple[str, Path]]:
    """Keys without endings: nothing is told by a name."""
    for name, delivery in found.items():
        for which, content in {**delivery.good, "broken": delivery.broken}.items():
            path = folder / f"{name}-{which}"
            path.write_bytes(content)
            yield f"{TEAM}/in_{name}/{which}", path


def _published(lake: Any, name: str) -> None:
    started = runs.start(lake.target, TEAM, f"in_{name}")
    assert started.run, started.reason
    assert runs.follow(lake.target, started.execution)["status"] == "published"


@pytest.fixture(scope="module")
def ledger(lake: Any) -> Opened:
    return opened(lake.target)


@pytest.mark.parametrize("name", DELIVERIES)
def test_what_is_good_is_published_as_it_was_written(lake: Any, delivered: dict[str, Delivery], name: str) -> None:
    found = athena.ask(lake.target, (FORMATS / name / "query.sql").read_text(), {TEAM})
    told = [tuple("" if cell is None else str(cell) for cell in row.values()) for row in found.rows]
    assert told == expected(name)


@pytest.mark.parametrize("name", DELIVERIES)
def test_rows_that_break_the_contract_are_set_aside(lake: Any, delivered: dict[str, Delivery], name: str) -> None:
    found = athena.ask(lake.target, f"select count(*) as n from {TEAM}.in_{name}_quarantine", {TEAM})
    assert found.rows[0]["n"] == delivered[name].aside


@pytest.mark.parametrize("name", DELIVERIES)
def test_what_is_broken_is_rejected_with_its_reason(ledger: Opened, delivered: dict[str, Delivery], name: str) -> None:
    (chapter,) = trace(ledger, f"{TEAM}/in_{name}/broken").chapters
    assert (chapter.fate.state, chapter.fate.reason) == ("rejected", delivered[name].reason)
