"""Ages: what readers see, what waits, what nobody claims."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lake.flows.watching import of_team, of_unclaimed
from unit.world import World

DAY = 86400.0


def measures(world: World, after: float = 0.0) -> dict[str, float]:
    now = world.now + timedelta(seconds=after)
    found = [*of_team(world.ledger, world.registry, "aviation", now), *of_unclaimed(world.ledger, now)]
    return {one.name: one.value for one in found}


@pytest.fixture
def world() -> World:
    found = World(changes={"freshness": 3600})
    found.register()
    return found


def test_a_table_ages_from_its_last_good_run(world: World) -> None:
    world.put("a.csv", "1")
    world.settle()
    ended = world.ledger.runs.newest("aviation/flights", 1)[0].ended_at
    assert ended is not None
    assert measures(world, DAY)["AgeSeconds"] == (world.now - ended).total_seconds() + DAY


def test_runs_that_fail_make_nothing_younger(world: World) -> None:
    world.put("a.csv", "1")
    world.settle()
    before = measures(world, DAY)["AgeSeconds"]
    world.verdicts = ["set aside"]
    world.put("b.csv", "2")
    world.settle()
    assert world.ledger.runs.newest("aviation/flights", 1)[0].status == "set aside"
    assert measures(world, DAY)["AgeSeconds"] > before


def test_before_the_first_run_there_is_no_age(world: World) -> None:
    assert "AgeSeconds" not in measures(world)


def test_a_dataset_that_promises_nothing_costs_no_metric() -> None:
    plain = World()
    plain.register()
    plain.put("a.csv", "1")
    plain.settle()
    assert set(measures(plain)) == {"WaitingSeconds", "UnclaimedObjects", "UnclaimedSeconds"}


def test_a_batch_that_waits_is_seen(world: World) -> None:
    world.put("a.csv", "1")
    world.deliver([0])
    world.deliver([0])
    world.deliver([0])
    since = world.ledger.batches.waiting("aviation/flights")[0].staged_at
    assert measures(world, 600)["WaitingSeconds"] == (world.now - since).total_seconds() + 600


def test_what_nobody_claims_is_counted_and_aged() -> None:
    alone = World()
    alone.put("a.csv", "1")
    alone.put("b.csv", "1")
    alone.deliver([0, 1])
    found = measures(alone, DAY)
    assert found["UnclaimedObjects"] == 2
    assert found["UnclaimedSeconds"] >= DAY
