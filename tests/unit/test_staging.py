"""Stage A: a batch is staged once, and what cannot be read says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lake.core.batch import Batch
from lake.core.large import execution_name
from lake.core.report import BatchReport, report_from_json
from lake.flows.staging import UnknownBatch
from lake.gateways.objects import read_json
from unit.example import START
from unit.world import PATH, STAGE, STAGE_B, Fuse, World


@pytest.fixture
def world() -> World:
    found = World(changes={"batch_objects": 100})
    found.register()
    return found


def staged_batch(world: World) -> str:
    """Route and stage everything that was put; the id of the only batch."""
    world.deliver(range(len(world.pending)))
    world.deliver([0])
    (batch,) = world.ledger.batches.all(PATH)
    return batch.id


def test_one_poisoned_object_leaves_the_others_alone(world: World):
    """F13, in the first, a middle and the last place."""
    bad = [world.put(name, "BAD") for name in ("a.csv", "m.csv", "z.csv")]
    good = [world.put(f"good-{number}.csv", "1") for number in range(97)]
    world.settle()
    assert {world.fates(one) for one in bad} == {"rejected"}
    assert {world.fates(one) for one in good} == {"published"}
    assert len(world.ledger.batches.all(PATH)) == 1


def test_an_object_erased_before_it_was_read_is_superseded(world: World):
    """F8: no retry, no dead letter."""
    gone, kept = world.put("a.csv", "1"), world.put("b.csv", "2")
    world.objects.erase(gone.bucket, gone.key, gone.version)
    world.settle()
    assert [world.fates(gone), world.fates(kept)] == ["superseded", "published"]
    (entry,) = world.ledger.entries.versions(PATH, gone.bucket, gone.key)
    assert entry.reason == "DELETED"


def test_what_is_too_large_is_set_aside_before_it_is_read(world: World):
    """F34."""
    large = world.put("a.csv", "0123456789")
    world.objects.erase(large.bucket, large.key, large.version)
    world.stage_a = replace(world.stage_a, largest=9, larger=None)
    world.settle()
    (entry,) = world.ledger.entries.versions(PATH, large.bucket, large.key)
    assert (entry.end, entry.reason) == ("rejected", "TOO_LARGE")


def test_what_is_beyond_a_function_is_staged_on_the_larger_machine_before_it_is_read_here(world: World):
    large, small = world.put("a.csv", "1\n2\n3\nno"), world.put("b.csv", "4")
    world.stage_a = replace(world.stage_a, largest=7, convert=never)
    world.deliver(range(2))
    world.deliver([0])
    (execution,) = world.large.started
    assert [one.state for one in world.ledger.batches.all(PATH)] == ["sent"]
    assert world.fates(large) == "batched"
    world.stage_large()
    assert world.large.standing(execution) == "succeeded"
    world.settle()
    assert [world.fates(large), world.fates(small)] == ["published", "published"]
    assert sorted(line for _, _, line in world.rows) == ["1", "2", "3", "4"]


def never(*_: object) -> BatchReport:
    raise AssertionError("a byte of it was read by the function")


def test_the_larger_machine_is_started_once_for_a_message_that_comes_again(world: World):
    world.stage_a = replace(world.stage_a, largest=0)
    batch = staged_batch_of(world, "1")
    world.stage_a.stage(PATH, batch, 1)
    assert len(world.large.started) == 1
    world.stage_large()
    world.stage_a.stage(PATH, batch, 1)
    assert len(world.large.started) == 1


def test_a_batch_that_the_larger_machine_lost_is_tried_there_again_when_it_is_sent_again(world: World):
    world.stage_a = replace(world.stage_a, largest=0)
    batch = staged_batch_of(world, "1")
    world.large.ended = dict.fromkeys(world.large.started, "failed")
    world.replayer.replay(PATH, [batch])
    world.settle()
    assert len(world.large.started) == 2
    assert world.rows != []


def test_a_format_for_the_larger_machine_alone_never_stays_in_a_function():
    source = {"kind": "drop", "prefix": "aviation/flights/", "format": "orc"}
    world = World(changes={"source": source})
    world.register()
    one = world.put("a.orc", "1")
    world.settle()
    assert len(world.large.started) == 1
    assert world.fates(one) == "published"


def test_what_is_too_large_for_the_larger_machine_too_is_set_aside(world: World):
    large = world.put("a.csv", "0123456789")
    world.objects.erase(large.bucket, large.key, large.version)
    world.stage_a = replace(world.stage_a, largest=5)
    world.stage_a_large = replace(world.stage_a_large, largest=9)
    world.settle()
    (entry,) = world.ledger.entries.versions(PATH, large.bucket, large.key)
    assert (entry.end, entry.reason) == ("rejected", "TOO_LARGE")
    assert "larger worker" in entry.message


def test_the_name_of_an_execution_fits_whatever_the_dataset_is_called():
    dataset = "d" * 70
    names = {execution_name(a_batch(dataset=dataset, team=team), 1) for team in ("aviation", "a" * 40)}
    assert {len(name) <= 80 for name in names} == {True}
    assert len(names) == 2
    assert execution_name(a_batch(), 1) != execution_name(replace(a_batch(), generation=2), 1)


def a_batch(team: str = "aviation", dataset: str = "flights") -> Batch:
    return Batch(team, dataset, "20260101T000000-0123456789abcdef", "", 1, 1, START)


def staged_batch_of(world: World, content: str) -> str:
    world.put("a.csv", content)
    return staged_batch(world)


def test_rows_add_up_for_every_object(world: World):
    """I2."""
    world.put("a.csv", "1\nno\n2")
    world.put("b.csv", "no")
    world.put("c.csv", "BAD")
    batch = staged_batch(world)
    (found,) = world.ledger.batches.get(PATH, [batch]).values()
    report = report_from_json(read_json(world.objects, STAGE, found.report_key))
    assert all(one.rows_in == one.rows_staged + one.rows_rejected for one in report.objects)
    assert (found.rows_in, found.rows_staged, found.rows_rejected) == (4, 2, 2)


def test_a_message_that_comes_again_is_only_said_again(world: World):
    """F1: the second worker reads no object."""
    one = world.put("a.csv", "1")
    batch = staged_batch(world)
    world.objects.erase(one.bucket, one.key, one.version)
    world.queues.sent.clear()
    world.stage_a.stage(PATH, batch, 1)
    assert [body["batch"] for url, body, _ in world.queues.sent if url == STAGE_B] == [batch]
    (entry,) = world.ledger.entries.versions(PATH, one.bucket, one.key)
    assert entry.end == ""


def test_a_worker_that_slept_changes_nothing(world: World):
    """F10, F11: its file has the same bytes, its conditional write fails."""
    world.put("a.csv", "1")
    world.deliver([0])
    (batch,) = world.ledger.batches.all(PATH)
    world.alive(lambda: world.stage_a.stage(PATH, batch.id, 1), Fuse(6, sleeps=True))
    world.settle_without_waking()
    before = (list(world.rows), world.ledger.batches.all(PATH))
    world.wake()
    assert (world.rows, world.ledger.batches.all(PATH)) == before


def test_a_message_of_an_old_generation_does_nothing(world: World):
    world.put("a.csv", "1")
    batch = staged_batch(world)
    (found,) = world.ledger.batches.get(PATH, [batch]).values()
    world.ledger.batches.reopen(replace(found, state="sent", generation=2), found)
    world.queues.sent.clear()
    world.stage_a.stage(PATH, batch, 1)
    assert world.queues.sent == []


def test_an_unknown_batch_is_named(world: World):
    with pytest.raises(UnknownBatch, match=r"Batch nothing of aviation/flights is not in the ledger"):
        world.stage_a.stage(PATH, "nothing", 1)
