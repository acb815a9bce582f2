"""Route: every announced object finds its dataset, once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from lake.core.errors import TryAgain
from lake.core.manifest import manifest_from_json
from lake.flows.registering import claim_of, notification
from lake.flows.routing import Refused, Route, announced
from lake.gateways.objects import read_json
from lake.gateways.queues import Body, MemoryQueues
from unit.example import RAW, START, arrival
from unit.world import PATH, STAGE, STAGE_A, Fuse, World


@pytest.fixture
def world() -> World:
    found = World()
    found.register()
    return found


DEAF = "queue/deaf"


class OneIsDeaf(MemoryQueues):
    def send(self, url: str, bodies: Sequence[Body], delay: int = 0) -> None:
        if url == DEAF:
            raise TryAgain("the queue does not answer")
        super().send(url, bodies, delay)


def with_one_deaf_queue(world: World) -> Route:
    world.queues = OneIsDeaf()
    return replace(world.route, outbox=replace(world.route.outbox, queues=world.queues))


def members(world: World, batch: str) -> list[str]:
    (found,) = world.ledger.batches.get(PATH, [batch]).values()
    return [one.version for one in manifest_from_json(read_json(world.objects, STAGE, found.manifest_key))]


def sent(world: World) -> list[str]:
    return [body["batch"] for url, body, _ in world.queues.sent if url == STAGE_A]


def test_a_malformed_message_fails_alone(world: World):
    good = json.dumps(notification([arrival()]))
    bad = ["not json", "[]", '{"Records": [{"eventSource": "aws:s3"}]}', '{"Records": 7}']
    failed = world.route.deliver({"good": good, **{f"bad{n}": body for n, body in enumerate(bad)}}, START)
    assert failed == ["bad0", "bad1", "bad2", "bad3"]
    assert len(sent(world)) == 1


def test_a_foreign_bucket_is_refused_by_name():
    body = json.dumps(notification([arrival(bucket="somebody-elses")]))
    with pytest.raises(Refused, match=r"somebody-elses; only lake-raw is served"):
        announced(body, "lake-raw")


def test_the_test_event_of_s3_is_no_arrival():
    assert announced('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "lake-raw"}', "lake-raw") == []


def test_erasing_one_version_is_not_the_delete_of_its_key():
    erased = notification([arrival(kind="delete")])
    record = erased["Records"][0]  # type: ignore[index]
    record["eventName"] = "ObjectRemoved:Delete"
    assert announced(json.dumps(erased), "lake-raw") == []


@pytest.mark.parametrize("event", ["DeleteMarkerCreated", "Delete"])
def test_the_expiry_of_an_object_by_its_age_is_not_its_delete(world: World, event: str):
    world.route.deliver({"put": json.dumps(notification([arrival()]))}, START)
    expired = notification([arrival(number=2, kind="delete")])
    record = expired["Records"][0]  # type: ignore[index]
    record["eventName"] = f"LifecycleExpiration:{event}"
    assert world.route.deliver({"expired": json.dumps(expired)}, START) == []
    assert [one.arrival.kind for one in world.ledger.entries.versions(PATH, RAW, arrival().key)] == ["put"]
    assert len(sent(world)) == 1


def test_a_plus_sign_in_the_key_survives(world: World):
    odd = "aviation/flights/a b+c%41/é😀.csv"
    (found,) = announced(json.dumps(notification([arrival(odd)])), "lake-raw")
    assert found == arrival(odd)


def test_a_thousand_announcements_of_one_object_are_one_batch(world: World):
    body = json.dumps(notification([arrival()]))
    for _ in range(10):
        assert world.route.deliver({str(n): body for n in range(100)}, START) == []
    assert len(sent(world)) == 1


def test_a_batch_cut_differently_the_second_time_takes_only_what_is_new(world: World):
    one, two = arrival(number=1), arrival(number=2)
    world.route.deliver({"1": json.dumps(notification([one]))}, START)
    world.route.deliver({"2": json.dumps(notification([one, two]))}, START)
    first, second = sent(world)
    assert (members(world, first), members(world, second)) == (["v1"], ["v2"])


def test_a_slow_twin_never_changes_a_manifest_that_was_sent(world: World):
    one, two = arrival(number=1), arrival(number=2)
    both = {"1": json.dumps(notification([one, two]))}
    world.alive(lambda: world.route.deliver(both, START), Fuse(2, sleeps=True))
    world.route.deliver({"2": json.dumps(notification([one]))}, START)
    world.route.deliver(both, START)
    world.wake()
    assert sorted(members(world, batch)[0] for batch in set(sent(world))) == ["v1", "v2"]


def test_a_batch_without_members_leaves_no_item(world: World):
    one, two = arrival(number=1), arrival(number=2)
    for many in ([one], [two], [one, two]):
        world.route.deliver({"1": json.dumps(notification(many))}, START)
    assert len(world.ledger.batches.all(PATH)) == 2


def test_whoever_meets_an_object_of_an_unsent_batch_sends_it(world: World):
    one, two = arrival(number=1), arrival(number=2)
    world.alive(lambda: world.route.deliver({"1": json.dumps(notification([one, two]))}, START), Fuse(5))
    assert sent(world) == []
    world.route.deliver({"2": json.dumps(notification([two]))}, START)
    (batch,) = sent(world)
    assert members(world, batch) == ["v1", "v2"]


def test_trouble_of_one_dataset_leaves_the_others_alone(world: World):
    claim = claim_of(world.dataset, STAGE_A)
    assert claim is not None
    world.registry.claim(replace(claim, prefix="aviation/weather/", dataset="weather", queue_url=DEAF))
    both = {name: json.dumps(notification([arrival(f"aviation/{name}/a.csv")])) for name in ("flights", "weather")}
    assert with_one_deaf_queue(world).deliver(both, START) == ["weather"]
    assert len(sent(world)) == 1


def test_an_ignored_object_ends_at_once(world: World):
    one = world.put("x.tmp", "")
    marker = world.put("folder/", "")
    world.settle()
    assert [world.fates(one), world.fates(marker)] == ["ignored", "ignored"]


def test_an_object_that_comes_before_its_dataset_waits_and_is_announced_again(world: World):
    early = World()
    one = early.put("a.csv", "1")
    early.settle()
    assert early.fates(one) == "unclaimed"
    assert early.ledger.unclaimed.count() == 1


def test_a_registration_between_two_looks_is_not_missed():
    world = World()
    body = {"1": json.dumps(notification([arrival()]))}
    world.alive(lambda: world.route.deliver(body, START), Fuse(1, after=True, sleeps=True))
    world.register()
    world.wake()
    assert len(sent(world)) == 1
    assert world.ledger.unclaimed.count() == 0


def test_a_full_batch_costs_at_most_eleven_writes_for_ten_objects():
    world = World(changes={"batch_objects": 100, "batch_bytes": 10**9})
    world.register()
    for number in range(1000):
        world.put(f"{number}.csv", "1")
    world.settle()
    ledger = world.ledger
    writes = ledger.entries.writes + ledger.batches.writes + ledger.runs.writes + ledger.unclaimed.writes  # type: ignore[attr-defined]
    assert len(ledger.batches.all(PATH)) == 10
    assert writes / 1000 <= 1.1
