"""Gather: one run at a time, started once, when the dataset is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.core.batch import Batch
from lake.core.dataset import Trigger
from lake.core.gathering import Head, Waiting, note_of, taken, verdict
from lake.core.run import Run
from lake.flows.overview import overview_of
from lake.flows.recording import UnknownRun
from unit.example import START, derived
from unit.world import PATH, STAGE_B, Fuse, World


@pytest.fixture
def world() -> World:
    found = World()
    found.register()
    return found


def stage(world: World, *names: str) -> None:
    """Put, route and stage these; their messages to gather are delivered."""
    for name in names:
        world.put(name, "1")
    for _ in range(5):
        world.deliver(range(len(world.pending) or 1))


def asked(world: World) -> str:
    answer = world.gather.consider(PATH, "asked", world.now)
    return answer.run or answer.reason


def test_a_run_starts_when_the_oldest_batch_has_waited_long_enough():
    waiting = [Waiting("b", 1, START, START)]
    trigger = Trigger(max_wait=300, max_objects=1000)
    early = verdict(waiting, Head(), None, trigger, "timer", START + timedelta(seconds=299))
    due = verdict(waiting, Head(), None, trigger, "timer", START + timedelta(seconds=300))
    assert (early.start, early.wait) == (False, 1)
    assert due.start


def test_a_run_starts_when_enough_objects_wait():
    waiting = [Waiting(f"b{number}", 500, START, START) for number in range(2)]
    assert verdict(waiting, Head(), None, Trigger(300, 1000), "batch", START).start
    assert not verdict(waiting, Head(), None, Trigger(300, 1001), "batch", START).start


def test_a_timer_is_set_by_the_first_batch_alone(world: World):
    stage(world, "a.csv")
    stage(world, "b.csv")
    timers = [delay for url, body, delay in world.sent() if body.get("reason") == "timer"]
    assert len(timers) == 1
    assert 0 < timers[0] <= 300


def test_a_run_that_is_asked_for_starts_at_once(world: World):
    stage(world, "a.csv")
    assert asked(world) == "r00000001"
    assert world.workflow.started == {
        "aviation-flights-r00000001-1": {"team": "aviation", "dataset": "flights", "run": "r00000001", "attempt": 1}
    }


def test_only_one_run_of_a_dataset_is_active(world: World):
    stage(world, "a.csv")
    assert asked(world) == "r00000001"
    stage(world, "b.csv")
    assert asked(world) == "run r00000001 is active"
    world.play()
    assert asked(world) == "r00000002"


def test_nothing_waits_and_nothing_starts(world: World):
    assert asked(world) == "nothing waits"
    assert world.workflow.started == {}


def test_a_failed_run_is_tried_three_times_with_the_same_batches_and_then_waits_for_a_person(world: World):
    stage(world, "a.csv")
    asked(world)
    for attempt in (1, 2, 3):
        run = world.ledger.runs.newest(PATH)[0]
        assert (run.id, run.attempt, run.status) == ("r00000001", attempt, "started")
        world.recorder.record(PATH, run.id, attempt, world.now, error="out of memory")
        world.workflow.ended[run.execution_name] = "failed"
        world.sweep()
    head = world.ledger.runs.head(PATH)
    assert "failed 3 times, at last: out of memory" in head.halted
    world.sweep()
    assert len(world.workflow.started) == 3
    assert asked(world) == "r00000001"
    world.settle()
    assert sorted(world.rows) == world.expected_rows()


def test_a_halted_dataset_waits_until_asked(world: World):
    world.verdicts = ["halted"]
    first = world.put("a.csv", "1")
    world.settle()
    assert world.fates(first) == "quarantined"
    second = world.put("b.csv", "2")
    world.settle()
    assert world.fates(second) == "staged"
    assert asked(world) == "r00000002"
    world.settle()
    assert [world.fates(first), world.fates(second)] == ["quarantined", "published"]


def test_a_run_set_aside_hides_nothing_that_readers_saw(world: World):
    old = world.put("a.csv", "1")
    world.settle()
    world.verdicts = ["set aside"]
    new = world.put("a.csv", "2")
    world.settle()
    assert [world.fates(old), world.fates(new)] == ["published", "quarantined"]
    assert [row[2] for row in world.rows] == ["1"]
    last = world.put("a.csv", "3")
    world.settle()
    assert [world.fates(one) for one in (old, new, last)] == ["superseded", "superseded", "published"]
    assert [row[2] for row in world.rows] == ["3"]


def test_an_old_attempt_records_nothing(world: World):
    stage(world, "a.csv")
    asked(world)
    world.recorder.record(PATH, "r00000001", 1, world.now, error="lost")
    world.sweep()
    assert world.recorder.record(PATH, "r00000001", 1, world.now, error="late").status == "started"


def test_a_recorder_that_slept_does_not_end_the_attempt_after_its_own(world: World):
    stage(world, "a.csv")
    asked(world)
    run = world.ledger.runs.newest(PATH)[0]
    late = Fuse(1, sleeps=True, name="move")
    assert world.alive(lambda: world.recorder.record(PATH, run.id, 1, world.now, error="late"), late) is None
    world.recorder.record(PATH, run.id, 1, world.now, error="lost")
    world.sweep()
    second = world.ledger.runs.head(PATH)
    world.wake()
    assert (second.active, second.execution) == (run.id, "aviation-flights-r00000001-2")
    assert world.ledger.runs.head(PATH) == second


def test_who_forgets_the_note_of_a_batch_does_not_forget_that_of_its_replay(world: World):
    stage(world, "a.csv")
    starter = Fuse(2, sleeps=True, name="unwait")  # at its first call it forgets what is stale, and nothing is
    assert world.alive(lambda: world.gather.consider(PATH, "asked", world.now), starter) is None
    world.sweep()
    world.play()
    [batch] = world.ledger.batches.all(PATH)
    world.replayer.replay(PATH, [batch.id])
    for _ in range(3):
        world.deliver([0])
    [note] = world.ledger.batches.waiting(PATH)
    world.wake()
    assert world.ledger.batches.waiting(PATH) == [note]


def test_a_batch_that_waits_under_two_notes_is_counted_once(world: World):
    stage(world, "a.csv")
    [batch] = world.ledger.batches.all(PATH)
    world.replayer.replay(PATH, [batch.id])
    world.deliver([0])
    note = Waiting(note_of(replace(batch, generation=2)), 1, batch.at, world.now)
    world.ledger.batches.wait(PATH, note)
    assert len(world.ledger.batches.waiting(PATH)) == 2
    found = overview_of(world.ledger, world.registry, PATH)
    assert (found.waiting_batches, found.waiting_objects) == (1, 1)


def test_an_unknown_run_is_named(world: World):
    with pytest.raises(UnknownRun, match=r"Run r00000007 of aviation/flights is not in the ledger"):
        world.recorder.record(PATH, "r00000007", 1, START)


def test_a_derived_dataset_runs_when_its_input_has_published(world: World):
    entry = derived()
    world.registry.keep("aviation/daily", entry)
    world.registry.set_current("aviation/daily", entry["digest"])
    world.registry.feed(PATH, "aviation/daily")
    stage(world, "a.csv")
    asked(world)
    world.play()
    inputs = [body for url, body, _ in world.sent() if url == STAGE_B and body.get("reason") == "input"]
    assert inputs == [{"team": "aviation", "dataset": "daily", "reason": "input", "input": PATH, "run": "r00000001"}]
    answer = world.gather.published("aviation/daily", PATH, "r00000001", world.now)
    assert answer.run == "r00000001"
    assert world.gather.published("aviation/daily", PATH, "r00000002", world.now).reason == "run r00000001 is active"
    assert [one.id for one in world.ledger.batches.waiting("aviation/daily")] == [f"input#{PATH}#r00000002"]


def test_a_dataset_that_was_removed_drains(world: World):
    """I23."""
    one = world.put("a.csv", "1")
    world.deliver([0])
    world.registry.remove(PATH)
    world.deliver([0])
    world.deliver([0])
    assert asked(world) == "r00000001"
    world.play()
    assert world.fates(one) == "published"


batches = st.builds(
    Batch,
    team=st.just("aviation"),
    dataset=st.just("flights"),
    id=st.uuids().map(str),
    config=st.just("d"),
    objects=st.integers(1, 60),
    bytes=st.just(1),
    at=st.integers(0, 9).map(lambda number: START + timedelta(seconds=number)),
    state=st.sampled_from(["made", "sent", "staged", "assigned"]),
)


@given(st.lists(batches, max_size=12))
def test_a_run_takes_the_oldest_staged_batches_within_its_limit(many: list[Batch]):
    chosen = taken(many, most_objects=100)
    staged = sorted((one for one in many if one.state == "staged"), key=lambda one: (one.at, one.id))
    assert chosen == [one.id for one in staged[: len(chosen)]]
    assert bool(chosen) == bool(staged)
    objects = sum(one.objects for one in staged[: len(chosen)])
    assert len(chosen) == 1 or objects <= 100
    assert len(chosen) == len(staged) or objects + staged[len(chosen)].objects > 100


def test_one_run_has_one_name_that_step_functions_takes():
    run = Run("t" * 40, "d" * 40, 12, "digest", "asked", START)
    assert len(run.execution_name) <= 80


def test_datasets_whose_long_names_begin_alike_have_runs_of_different_names():
    names = {Run("t" * 40, "d" * 30 + end, 1, "digest", "asked", START).execution_name for end in "ab"}
    assert len(names) == 2
