"""The heart of the lake: whatever dies, is doubled or comes late, the ends and the table are the same (F1-F3, F12)."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from unit.world import ENOUGH, PATH, Fuse, World

NAMES = ["a.csv", "a.csv", "b.csv", "c+ d.csv", "x.tmp"]
LARGE = 3
"""Bytes, so that some of CONTENTS are larger."""
CONTENTS = ["1\n2", "3", "no", "4\nno", "", "BAD", "DELETE"]


def drop_one(world: World, dice: Random) -> None:
    drop(world, dice.choice(NAMES), dice.choice(CONTENTS))


def fuse_of(dice: Random) -> Fuse | None:
    """Three of four workers live; the fourth dies or falls asleep somewhere."""
    if dice.random() < 0.75:
        return None
    return Fuse(dice.randint(1, 14), dice.random() < 0.5, sleeps=dice.random() < 0.5)


def replay_one(world: World, dice: Random, fuse: Fuse | None) -> None:
    """Somebody replays a batch; one that cannot be replayed now is refused, which is as good."""
    batches = world.ledger.batches.all(PATH)
    if batches:
        chosen = dice.choice(batches).id
        world.alive(lambda: world.replayer.replay(PATH, [chosen]), fuse)


def drop(world: World, name: str, content: str) -> None:
    if content == "DELETE":
        world.delete(name)
    else:
        world.put(name, content)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    drops=st.integers(1, 9),
    mode=st.sampled_from(["append", "replace"]),
    largest=st.sampled_from([ENOUGH, LARGE, 0]),
)
@example(seed=469, drops=5, mode="append", largest=ENOUGH)  # a batch still being made was replayed, its object doubled
@example(seed=10_814, drops=6, mode="append", largest=ENOUGH)  # a gatherer that slept made an unknown attempt
@example(seed=702, drops=4, mode="append", largest=ENOUGH)  # who forgot a replayed batch's note forgot the next one's
@example(seed=11_728, drops=7, mode="append", largest=LARGE)  # the larger machine died between staging and saying so
@example(seed=4_031_726_548, drops=9, mode="append", largest=LARGE)  # who slept replayed a batch that a run had taken
def test_whatever_is_killed_doubled_paused_or_reordered_every_version_ends_as_it_must(seed, drops, mode, largest):
    """Wherever a batch is staged: by the function, on the larger machine, or some here and some there."""
    dice = Random(seed)
    world = World(mode, largest=largest)
    world.register()
    for _ in range(12 * drops):
        what = dice.random()
        if what < 0.1 and len(world.puts) < drops:
            drop_one(world, dice)
        elif what < 0.65:
            chosen = [dice.randint(0, 30) for _ in range(dice.randint(1, 5))]
            world.deliver(chosen, fuse_of(dice), again=dice.random() < 0.2)
        elif what < 0.75:
            world.sweep(fuse_of(dice))
        elif what < 0.80:
            world.stage_large(fuse_of(dice), lost=dice.random() < 0.3)
        elif what < 0.95:
            world.play(fuse_of(dice), lost=dice.random() < 0.3)
        elif what < 0.97:
            replay_one(world, dice, fuse_of(dice))
        else:
            world.wake()
    while len(world.puts) < drops:
        drop_one(world, dice)
    _ask_on_when_halted(world)
    assert sorted(world.rows) == world.expected_rows()
    assert [world.fates(one) for one in world.puts] == [world.expected_fate(one) for one in world.puts]


def _ask_on_when_halted(world: World) -> None:
    """A replay that died is asked for again, and so is each batch that an alarm of the larger machine names, and a
    run that was lost three times: here is the person.
    """
    world.settle()
    lost = world.lost_by_larger()
    batches = world.ledger.batches.all(PATH)
    world.replayer.replay(
        PATH, [one.id for one in batches if one.state == "sent" or (one.id in lost and one.state == "staged")]
    )
    world.settle()
    while world.ledger.runs.head(PATH).halted:
        world.alive(lambda: world.gather.consider(PATH, "asked", world.now))
        world.settle()
