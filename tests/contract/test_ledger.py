"""The ledger: entries, batches, runs, heads, unclaimed objects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contract.conftest import Place
from lake.core.batch import Batch
from lake.core.entry import Entry
from lake.core.gathering import Head, Waiting, next_head
from lake.core.run import Run
from lake.gateways.ledger import Ledger, dynamo_ledger, memory_ledger
from unit.example import START, arrival

PATH = "aviation/flights"
BATCH = Batch("aviation", "flights", "20260101T000001-abc", "digest", 2, 20, START)
RUN = Run("aviation", "flights", 1, "digest", "asked", START)
ODD = "aviation/flights/a b+c%41/é😀'\"\n..//\\x.csv"


@pytest.fixture
def ledger(place: Place) -> Ledger:
    return memory_ledger() if place.name == "memory" else dynamo_ledger(place.client("dynamodb"), place.table())


# moto cannot bind the parameters of a batched PartiQL INSERT; AWS and the local cloud do.
inserting = pytest.mark.parametrize("place", ["memory", pytest.param("cloud", marks=pytest.mark.slow)], indirect=True)


@inserting
def test_new_versions_belong_to_the_batch_that_enters_them(ledger: Ledger):
    entries = [Entry(arrival(number=number), "b1") for number in range(1, 61)]
    assert ledger.entries.enter(PATH, entries) == entries
    assert ledger.entries.versions(PATH, "lake-raw", "aviation/flights/a.csv") == entries


@inserting
def test_a_known_version_stays_with_its_first_batch(ledger: Ledger):
    ledger.entries.enter(PATH, [Entry(arrival(number=2), "b1")])
    found = ledger.entries.enter(PATH, [Entry(arrival(number=number), "b2") for number in (1, 2, 3)])
    assert [one.batch for one in found] == ["b2", "b1", "b2"]


@inserting
def test_a_key_may_hold_anything(ledger: Ledger):
    entry = Entry(arrival(ODD), "b1")
    ledger.entries.enter(PATH, [entry])
    assert ledger.entries.versions(PATH, "lake-raw", ODD) == [entry]


@inserting
def test_an_exceptional_end_is_kept_with_its_reason(ledger: Ledger):
    ledger.entries.enter(PATH, [Entry(arrival(), "b1")])
    ledger.entries.end(PATH, arrival(), "rejected", "CORRUPT", "not a CSV")
    (found,) = ledger.entries.versions(PATH, "lake-raw", arrival().key)
    assert (found.end, found.reason, found.message) == ("rejected", "CORRUPT", "not a CSV")


@inserting
def test_another_dataset_does_not_see_the_version(ledger: Ledger):
    ledger.entries.enter(PATH, [Entry(arrival(), "b1")])
    assert ledger.entries.versions("aviation/weather", "lake-raw", arrival().key) == []


def test_a_batch_is_made_once(ledger: Ledger):
    assert ledger.batches.make(BATCH) == BATCH
    assert ledger.batches.make(replace(BATCH, objects=9)) == BATCH
    assert ledger.batches.get(PATH, [BATCH.id, "unknown"]) == {BATCH.id: BATCH}
    assert ledger.batches.all(PATH) == [BATCH]


def test_a_batch_moves_only_from_the_state_before(ledger: Ledger):
    ledger.batches.make(BATCH)
    staged = replace(BATCH, state="staged", rows_in=3)
    assert not ledger.batches.move(staged, "sent")
    assert ledger.batches.move(staged, "made", "sent")
    assert not ledger.batches.move(replace(BATCH, state="sent"), "made")
    assert ledger.batches.get(PATH, [BATCH.id]) == {BATCH.id: staged}


def test_a_worker_of_an_old_generation_moves_nothing(ledger: Ledger):
    ledger.batches.make(replace(BATCH, generation=2, state="sent"))
    assert not ledger.batches.move(replace(BATCH, state="staged"), "made", "sent")


def test_a_batch_that_was_never_made_does_not_move(ledger: Ledger):
    assert not ledger.batches.move(replace(BATCH, state="staged"), "made", "sent")
    assert ledger.batches.get(PATH, [BATCH.id]) == {}


def test_a_batch_opens_again_once_for_each_generation(ledger: Ledger):
    before = ledger.batches.make(replace(BATCH, state="assigned", run="r00000001"))
    again = replace(before, state="sent", generation=2, kind="replay")
    assert ledger.batches.reopen(again, before)
    assert not ledger.batches.reopen(again, before)
    assert ledger.batches.get(PATH, [BATCH.id]) == {BATCH.id: again}


def test_a_batch_that_a_run_has_taken_since_it_was_read_does_not_open_again(ledger: Ledger):
    before = ledger.batches.make(replace(BATCH, state="staged"))
    taken = replace(before, state="assigned", run="r00000001")
    assert ledger.batches.move(taken, "staged")
    assert not ledger.batches.reopen(replace(before, state="sent", generation=2), before)
    assert ledger.batches.reopen(replace(taken, state="sent", generation=2), taken)


def test_only_a_batch_that_was_never_sent_is_dropped(ledger: Ledger):
    ledger.batches.make(BATCH)
    ledger.batches.make(replace(BATCH, id="other", state="sent"))
    ledger.batches.drop(BATCH)
    ledger.batches.drop(replace(BATCH, id="other"))
    assert [batch.id for batch in ledger.batches.all(PATH)] == ["other"]


def test_what_waits_is_noted_and_forgotten(ledger: Ledger):
    notes = [Waiting(f"b{number}", number, START, START + timedelta(seconds=number)) for number in range(30)]
    for note in notes:
        ledger.batches.wait(PATH, note)
    ledger.batches.unwait(PATH, [note.id for note in notes[3:]])
    assert ledger.batches.waiting(PATH) == notes[:3]


def test_a_run_is_made_once_and_moves_only_from_its_own_standing(ledger: Ledger):
    assert ledger.runs.make(RUN) == RUN
    assert ledger.runs.make(replace(RUN, reason="timer")) == RUN
    failed = replace(RUN, status="failed", ended_at=START, message="no")
    assert ledger.runs.move(failed, RUN)
    assert not ledger.runs.move(replace(RUN, status="published"), RUN)
    assert ledger.runs.get(PATH, RUN.id) == failed
    assert ledger.runs.get(PATH, "r00000009") is None


def test_the_newest_runs_come_first(ledger: Ledger):
    for number in range(1, 5):
        ledger.runs.make(replace(RUN, number=number))
    assert [run.number for run in ledger.runs.newest(PATH, 2)] == [4, 3]
    assert [run.number for run in ledger.runs.newest(PATH)] == [4, 3, 2, 1]


def test_one_of_two_starters_gets_the_head(ledger: Ledger):
    before = ledger.runs.head(PATH)
    after = next_head(before, RUN, START)
    assert before == Head()
    assert ledger.runs.move_head(PATH, after, before)
    assert not ledger.runs.move_head(PATH, after, before)
    assert ledger.runs.head(PATH) == after
    halted = Head(1, halted="a rule")
    assert ledger.runs.move_head(PATH, halted, after)
    assert not ledger.runs.move_head(PATH, Head(1), Head(1))
    assert ledger.runs.head(PATH) == halted


@inserting
def test_unclaimed_objects_are_found_by_prefix(ledger: Ledger):
    long = "aviation/" + "x" * 1000
    arrivals = [arrival("aviation/a.csv"), arrival("other/a.csv"), arrival(long + "1"), arrival(long + "2")]
    ledger.unclaimed.note(arrivals, START)
    assert ledger.unclaimed.count() == 4
    assert {one.arrival for one in ledger.unclaimed.under("aviation/")} == {arrivals[0], *arrivals[2:]}
    assert [one.arrival for one in ledger.unclaimed.under(long + "2")] == [arrivals[3]]
    ledger.unclaimed.forget(arrivals[:3])
    assert [one.arrival for one in ledger.unclaimed.under("")] == [arrivals[3]]


@inserting
def test_an_unclaimed_object_keeps_the_time_since_when_it_waits(ledger: Ledger):
    ledger.unclaimed.note([arrival()], START)
    ledger.unclaimed.note([arrival()], START + timedelta(days=1))
    assert [one.since for one in ledger.unclaimed.under("")] == [START]
