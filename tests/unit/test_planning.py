"""How many workers a run gets: by the bytes that it reads, within the bounds of its pipeline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lake.core.iceberg import Standing
from lake.core.planning import BYTES_OF_A_WORKER, workers_for
from lake.core.run import Run
from unit.example import RAW, START, arrival, derived
from unit.world import PATH, World

GB = 1024**3


@pytest.mark.parametrize(
    ("size", "workers"),
    [(0, 2), (BYTES_OF_A_WORKER - 1, 2), (BYTES_OF_A_WORKER, 3), (16 * GB, 10), (900 * GB, 10)],
)
def test_a_run_gets_one_worker_more_for_every_two_gigabytes_up_to_the_most(size: int, workers: int) -> None:
    assert workers_for(size, least=2, most=10) == workers


def test_a_run_never_gets_fewer_than_the_least() -> None:
    assert workers_for(0, least=5, most=5) == 5


def planned_workers(world: World) -> list[int]:
    """The workers of every run that was started, in order."""
    return [
        world.planner.plan(PATH, str(payload["run"]), int(str(payload["attempt"]))).workers
        for name, payload in world.workflow.started.items()
        if world.workflow.standing(name) == "running"
    ]


def put_large(world: World, name: str, number: int, size: int) -> None:
    """An object that claims to be this large."""
    one = arrival(f"aviation/flights/{name}", number, size=size)
    world.objects.put(RAW, one.key, one.version, b"1", one.at)
    world._announce(one, "1")


@pytest.mark.parametrize(("mode", "second"), [("append", 3), ("replace", 5)])
def test_what_a_run_must_read_again_counts_like_what_is_new(mode: str, second: int) -> None:
    world = World(mode)
    world.register()
    world.stage_a = replace(world.stage_a, largest=900 * GB)
    put_large(world, "a.csv", 1, 5 * GB)
    world.settle()
    put_large(world, "b.csv", 2, 2 * GB)
    for _ in ("route", "stage A", "gather"):
        world.deliver([0])
    world.gather.consider(PATH, "asked", world.now)
    assert planned_workers(world) == [second]


def test_a_derived_run_is_as_large_as_its_inputs() -> None:
    world = World()
    world.register()
    entry = derived()
    path, table = "aviation/daily", world.dataset.table
    world.registry.keep(path, entry)
    world.registry.set_current(path, entry["digest"])
    world.tables.tables[table.database, table.name] = Standing((), (), table.location, 7, 6 * GB)
    run = Run("aviation", "daily", 1, entry["digest"], "asked", START)
    world.ledger.runs.make(run)
    world.objects.write("lake-stage", f"{run.folder}/batches.json", b"[]")
    assert world.planner.plan(path, run.id, 1).workers == 5
