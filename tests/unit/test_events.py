"""What the bus is told: few events, each of the shape that is written down, none lost whoever dies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lake.core.batch import Batch
from lake.core.event import MOST, Event, objects_ended, quality_judged
from lake.core.quality import RuleOutcome
from lake.core.report import ObjectReport
from unit.example import START
from unit.world import PATH, Fuse, World

BATCH = Batch("aviation", "flights", "b", "c", objects=500, bytes=1, at=START)
SCHEMAS = Path(__file__).parents[2] / "schemas/events"


def validator(kind: str) -> Draft202012Validator:
    """The schema of a kind of event, which is named like it."""
    schema = json.loads((SCHEMAS / f"{kind.lower().replace(' ', '-')}.schema.json").read_text())
    assert schema["title"] == kind
    return Draft202012Validator(schema)


@pytest.fixture
def world() -> World:
    found = World(changes={"batch_objects": 100})
    found.register()
    return found


def kinds(world: World) -> list[str]:
    return [event.kind for event in world.events.told]


def test_every_schema_is_one_and_every_event_fits_its_own(world: World) -> None:
    for file in SCHEMAS.glob("*.json"):
        Draft202012Validator.check_schema(json.loads(file.read_text()))
    world.put("a.csv", "1\nno")
    world.put("b.csv", "BAD")
    world.verdicts = ["set aside"]
    world.settle()
    assert {"Batch staged", "Objects ended", "Run ended"} <= set(kinds(world))
    for event in world.events.told:
        assert list(validator(event.kind).iter_errors(event.detail)) == []


def test_a_hundred_objects_are_three_events(world: World) -> None:
    """One for their batch, one for the run, one for all that were unreadable: the price does not grow with objects."""
    for number in range(97):
        world.put(f"{number}.csv", "1")
    for name in ("x.csv", "y.csv", "z.csv"):
        world.put(name, "BAD")
    world.deliver(range(len(world.pending)))
    world.settle()
    assert kinds(world) == ["Batch staged", "Objects ended", "Run ended"]
    ended = world.events.told[1].detail
    assert (ended["count"], {one["end"] for one in ended["objects"]}) == (3, {"rejected"})


@pytest.mark.parametrize("step", range(1, 40))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whoever_dies_a_batch_and_a_run_are_told(step: int, after: bool, world: World) -> None:
    world.put("a.csv", "1")
    world.deliver(range(len(world.pending)))
    world.deliver([0], Fuse(step, after))
    world.deliver([0])
    world.sweep(Fuse(step, after))
    world.play(Fuse(step, after))
    world.settle()
    assert {"Batch staged", "Run ended"} <= set(kinds(world))
    assert world.ledger.runs.newest(PATH, 1)[0].status == "published"


def test_a_rule_that_failed_is_named_first() -> None:
    passed = [outcome(f"r{number}", "passed") for number in range(MOST)]
    event = quality_judged("aviation", "flights", {"run": "r00000001"}, [*passed, outcome("bad", "failed")])
    assert (event.detail["passed"], event.detail["count"]) == (False, MOST + 1)
    assert [one["rule"] for one in event.detail["rules"]][:2] == ["bad", "r0"]
    assert fits(event)


def test_the_longest_event_fits_on_the_bus() -> None:
    """256 KB: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html"""
    reports = [ObjectReport("\x01" * 1024, "0" * 36, reason="ENCODING") for _ in range(500)]
    event = objects_ended(BATCH, reports)
    assert 100_000 < len(json.dumps(event.detail, ensure_ascii=False).encode()) < 250_000
    assert event.detail["count"] == 500
    assert fits(event)


def outcome(rule: str, came: str) -> RuleOutcome:
    return RuleOutcome(rule, "RowCount > 0", "analytics", "quarantine", "deequ", came)  # type: ignore[arg-type]


def fits(event: Event) -> bool:
    return validator(event.kind).is_valid(event.detail)
