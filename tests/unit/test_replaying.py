"""Replay: the same objects once more, without loss and without doubles (I3, I4)."""

from __future__ import annotations

import pytest

from lake.core.batch import Batch
from lake.core.errors import SpecError
from lake.flows.replaying import Replayer
from unit.world import PATH, STAGE_A, World


@pytest.fixture(params=["append", "replace"])
def world(request: pytest.FixtureRequest) -> World:
    found = World(request.param)
    found.register()
    return found


def replay(world: World) -> None:
    replayer = Replayer(world.ledger, world.registry, world.queues, STAGE_A)
    replayer.replay(PATH, [batch.id for batch in world.ledger.batches.all(PATH)])


def test_a_replay_of_everything_changes_nothing(world: World):
    for name in ("a.csv", "b.csv", "a.csv"):
        world.put(name, f"{name}\nno")
        world.settle()
    replay(world)
    world.settle()
    assert sorted(world.rows) == world.expected_rows()
    assert [world.fates(one) for one in world.puts] == [world.expected_fate(one) for one in world.puts]


def test_what_was_set_aside_is_published_by_a_replay(world: World):
    world.verdicts = ["set aside"]
    one = world.put("a.csv", "1")
    world.settle()
    assert (world.fates(one), world.rows) == ("quarantined", [])
    replay(world)
    world.settle()
    assert world.fates(one) == "published"
    assert sorted(world.rows) == world.expected_rows()


def test_readers_lose_nothing_while_a_replay_is_under_way(world: World):
    world.put("a.csv", "1")
    world.settle()
    replay(world)
    world.queues.sent.clear()
    world.put("b.csv", "2")
    world.settle()
    assert sorted(world.rows) == world.expected_rows()


def test_a_run_that_reads_old_files_again_leaves_out_what_was_overwritten(world: World):
    for name in ("a.csv", "b.csv"):
        world.put(name, "1")
    world.settle()
    assert len(world.ledger.batches.all(PATH)) == 1
    world.put("a.csv", "2")
    world.settle()
    assert sorted(world.rows) == world.expected_rows()


def test_a_newer_version_replaces_one_that_is_being_replayed(world: World):
    world.put("a.csv", "1")
    world.settle()
    replay(world)
    world.queues.sent.clear()
    world.put("a.csv", "2")
    world.settle()
    assert sorted(world.rows) == world.expected_rows()


def test_a_batch_of_a_run_that_goes_on_is_left_alone(world: World):
    world.put("a.csv", "1")
    for _ in range(4):
        world.deliver([0])
    world.gather.consider(PATH, "asked", world.now)
    with pytest.raises(SpecError, match=r"is in run r00000001, which goes on"):
        replay(world)


def test_a_batch_of_a_run_that_failed_is_left_to_its_next_attempt(world: World):
    world.put("a.csv", "1")
    for _ in range(4):
        world.deliver([0])
    world.gather.consider(PATH, "asked", world.now)
    world.recorder.record(PATH, "r00000001", 1, world.now, error="lost")
    with pytest.raises(SpecError, match=r"is in run r00000001, which failed"):
        replay(world)


def test_a_replayed_batch_that_waits_for_its_run_is_said_again_and_not_opened_again(world: World):
    world.put("a.csv", "1")
    world.settle()
    replay(world)
    while any(batch.state == "sent" for batch in world.ledger.batches.all(PATH)):
        world.deliver([0])
    replay(world)
    assert [batch.generation for batch in world.ledger.batches.all(PATH)] == [2]
    world.settle()
    assert sorted(world.rows) == world.expected_rows()


def test_an_unknown_batch_is_named(world: World):
    replayer = Replayer(world.ledger, world.registry, world.queues, STAGE_A)
    with pytest.raises(SpecError, match=r"aviation/flights has no batch nothing"):
        replayer.replay(PATH, ["nothing"])


def test_a_batch_that_is_still_being_made_is_not_replayed(world: World):
    arrival = world.put("a.csv", "1")
    batch = Batch("aviation", "flights", "20260101T000000-0000", "digest", 1, 1, arrival.at)
    world.ledger.batches.make(batch)
    with pytest.raises(SpecError, match="still being made"):
        Replayer(world.ledger, world.registry, world.queues, STAGE_A).replay(PATH, [batch.id])
