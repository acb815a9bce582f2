"""What of a published table older versions made: counted from the ledger, and honest about what it does not say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lake.core.batch import Batch
from lake.core.run import Run, Status
from lake.gateways.ledger import Ledger, memory_ledger
from lake.gateways.registry import MemoryRegistry
from lakectl.compile import Compiled, compile_lake
from lakectl.plan.backfill import Amount, Backfill, backfill_of, told
from lakectl.plan.contract import ContractChange
from lakectl.plan.node import drawn, markdown, tree_of
from lakectl.plan.plan import Plan, StackChange
from unit.specs.project import PORTS, SHIPS, change, write_project

LIGHT, HEAVY = "datasets/sea/ports/light.sql", "datasets/sea/calls/heavy.sql"


class World:
    """A dataset as it was deployed, with what it published; and as it is to be."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.ledger: Ledger = memory_ledger()
        self.registry = MemoryRegistry()
        write_project(root)
        self.deployed: list[str] = []

    @property
    def compiled(self) -> Compiled:
        return {one.name: one for one in compile_lake(self.root, "dev")}[self.name]

    @property
    def path(self) -> str:
        return self.name.replace(".", "/")

    def deploy(self) -> str:
        compiled = self.compiled
        self.registry.keep(self.path, compiled.entry)
        return compiled.digest

    def run(self, number: int, config: str, status: Status = "published") -> str:
        team, dataset = self.name.split(".")
        at = datetime(2026, 3, number, tzinfo=UTC)
        return self.ledger.runs.make(Run(team, dataset, number, config, "asked", at, status)).id

    def batch(self, day: int, config: str, run: str = "", **about: Any) -> None:
        team, dataset = self.name.split(".")
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        state = "assigned" if run else "staged"
        said = {"objects": 2, "bytes": 1500, "at": at, "state": state, "run": run} | about
        self.ledger.batches.make(Batch(team, dataset, f"b{day}", config, **said))

    def planned(self) -> Backfill:
        return backfill_of(self.ledger, self.registry, self.path, self.compiled.entry)


@pytest.fixture
def ports(tmp_path: Path) -> World:
    """Two batches that one run published, by the version that stands."""
    world = World(tmp_path, "sea.ports")
    config = world.deploy()
    run = world.run(1, config)
    world.batch(1, config, run)
    world.batch(2, config, run)
    return world


def test_what_was_staged_by_another_transform_comes_out_differently(ports: World) -> None:
    change(ports.root, LIGHT, "upper(port)", "lower(port)")
    found = ports.planned()
    assert (found.published, found.again, found.staged_otherwise) == (Amount(2, 4, 3000), Amount(2, 4, 3000), 2)
    assert (found.first, found.last, found.next_run) == ("2026-03-01", "2026-03-02", False)
    first, *more = told(found)
    assert first == (
        "2 of 2 published batches would come out differently: 4 objects, 3.0 kB, arrived from 2026-03-01 to 2026-03-02"
    )
    assert "2 of them from raw on" in more[0] and "which partitions" in more[1] and "not built" in more[-1]


def test_a_change_of_words_makes_nothing_again(ports: World) -> None:
    change(ports.root, PORTS, "description: ", "description: Now ")
    assert ports.planned().empty and told(ports.planned()) == []


def test_only_what_older_versions_made_is_counted(ports: World) -> None:
    change(ports.root, LIGHT, "upper(port)", "lower(port)")
    config = ports.deploy()
    ports.batch(3, config, ports.run(2, config))
    change(ports.root, PORTS, "description: ", "description: Now ")
    found = ports.planned()
    assert (found.published.batches, found.again.batches, found.last) == (3, 2, "2026-03-02")


def test_another_table_transform_spares_what_is_staged(tmp_path: Path) -> None:
    world = World(tmp_path, "sea.ships")
    config = world.deploy()
    world.batch(1, config, world.run(1, config))
    change(tmp_path, SHIPS, "keys: [imo]", "keys: [imo, name]")
    found = world.planned()
    assert (found.again.batches, found.staged_otherwise) == (1, 0)
    assert not any("from raw on" in one for one in told(found))


def test_what_waits_is_staged_as_it_was_when_it_came(ports: World) -> None:
    (config,) = {one.config for one in ports.ledger.batches.all(ports.path)}
    ports.batch(3, config)
    ports.batch(4, config, ports.run(2, config, "failed"))
    ports.batch(5, config, ports.run(3, config, "set aside"))
    change(ports.root, LIGHT, "upper(port)", "lower(port)")
    found = ports.planned()
    assert (found.published.batches, found.waiting) == (2, 2)
    assert "2 batches not published yet will be, as the older version stages them" in told(found)


def test_a_table_that_is_replaced_is_made_anew_by_its_next_run(ports: World) -> None:
    change(ports.root, PORTS, "mode: append", "mode: replace")
    config = ports.deploy()
    ports.batch(3, config, ports.run(2, config))
    assert ports.planned().empty, "the newest run made every row"
    change(ports.root, PORTS, "mode: replace", "mode: replace, sort: [port]")
    found = ports.planned()
    assert (found.again.batches, found.next_run) == (3, True)
    assert told(found)[-1] == "the next run makes every row anew, of what is staged then"


def test_a_table_of_tables_has_runs_and_no_batches(tmp_path: Path) -> None:
    world = World(tmp_path, "sea.calls")
    config = world.deploy()
    world.run(1, config)
    world.run(2, config)
    change(tmp_path, HEAVY, "count(*)", "count(p.port)")
    found = world.planned()
    assert found.runs in (1, 2) and "published run" in told(found)[0]


def test_a_version_that_is_lost_counts_as_different_and_is_told(ports: World) -> None:
    ports.batch(3, "lost", ports.run(2, "lost"))
    found = ports.planned()
    assert (found.again.batches, found.lost) == (1, ("lost",))
    assert any("the registry no longer has 1 older version" in one for one in told(found))


def test_nothing_published_is_nothing_to_make_again(tmp_path: Path) -> None:
    world = World(tmp_path, "sea.ports")
    world.deploy()
    change(tmp_path, LIGHT, "upper(port)", "lower(port)")
    assert world.planned().empty


def test_it_hangs_below_its_dataset_in_tree_and_markdown(ports: World) -> None:
    change(ports.root, LIGHT, "upper(port)", "lower(port)")
    contract = ContractChange("sea.ports", "change", ("the SQL of its light transform is another",))
    stack = StackChange("s", "dataset", "sea-ports", "change", contract=contract, backfill=ports.planned())
    tree = tree_of(Plan("dev", 1, (stack,)))
    lines = [line for line, _ in drawn(tree)]
    assert "│  ├─" not in lines[1]
    whole = next(number for number, line in enumerate(lines) if "2 of 2 published batches" in line)
    assert lines[whole].index("─") < lines[whole + 1].index("─")
    assert "    - 2 of 2 published batches would come out differently" in markdown(tree)


def test_what_cannot_be_read_is_said() -> None:
    (words,) = told(Backfill(unread="AccessDenied: dynamodb:Query"))
    assert words == "what a backfill would make again is not known: AccessDenied: dynamodb:Query"
