"""`make demo-push`: a push becomes a lake, in a clone below .lake/demo-push with a local cloud of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lakectl.demo.workplace import Workplace
from lakectl.main import saying_errors
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_table
from lakelocal import cloud

CLONE = ".lake/demo-push"
VERIFY = ("Deploy-dev", "Verify")
SAMPLES = (" rows published", "✗")
"""What the lines about samples have in them."""
BROKEN = "no,such,row\n"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the play, for the summary: what was done, and what came of it."""

    what: str
    end: str
    seconds: float


class Play:
    """Says what is done while it is done, and remembers it."""

    def __init__(self, place: Workplace) -> None:
        self.place = place
        self.acts: list[Act] = []

    @contextmanager
    def act(self, what: str, end: str) -> Iterator[None]:
        began = time.monotonic()
        with screen.status(f"{what} …"):
            yield
        self.acts.append(Act(what, end, time.monotonic() - began))
        screen.print(f"  [green]✓[/green] {what}: {end} [dim]{self.acts[-1].seconds:.1f} s[/dim]", soft_wrap=True)

    def log(self, owner: str, commit: str, place: tuple[str, str], marks: Sequence[str]) -> None:
        """The lines of a build's log that have one of these marks."""
        for line in self.place.log(owner, commit, *place):
            if any(mark in line for mark in marks):
                screen.print(f"      [dim]{plain(line.strip())}[/dim]", soft_wrap=True)


def main() -> None:
    """Four acts and what they need; the local cloud is stopped at the end, and its state kept for a look."""
    root = find_root()
    play = Play(Workplace(root, root / CLONE))
    screen.rule("before the first push")
    with play.act("a clone of this commit", f"in {CLONE}, with two environments, dev and test"):
        play.place.make()
    with play.act("lake local up", "an AWS of its own"):
        play.place.up()
    try:
        with play.act("lake bootstrap", "repository, pipelines and their roles stand"):
            play.place.lake("bootstrap", "--env", "dev")
        for number, act in enumerate((_lake, _dataset, _broken_test, _failing_function), 1):
            screen.rule(f"act {number}")
            act(play)
        screen.rule("what became of it")
        show_table([{"what": one.what, "end": one.end, "seconds": f"{one.seconds:.1f}"} for one in play.acts])
    finally:
        play.place.down()
    screen.print(f"Look at it: cd {CLONE}, then lake local up and lake pipeline status.")


def _lake(play: Play) -> None:
    place = play.place
    first = place.git("rev-parse", "HEAD")
    place.push()
    with play.act("git push local main", "checked, deployed to dev, and samples went through"):
        _expect(place.reached("platform", first), "waits")
    play.log("platform", first, VERIFY, SAMPLES)
    place.lake("pipeline", "approve", "platform")
    with play.act("lake pipeline approve", "the same artifact is in test"):
        _expect(place.reached("platform", first, approved=True), "Succeeded")


def _dataset(play: Play) -> None:
    place = play.place
    more = place.commit(place.another_dataset("returns"), "A dataset more")
    place.push()
    with play.act("a push with one dataset more", "the pipeline of its team alone has deployed it"):
        _expect(place.reached("rail", more), "waits")
    play.log("rail", more, VERIFY, SAMPLES)


def _broken_test(play: Play) -> None:
    place = play.place
    broken = place.commit({"datasets/rail/returns/sample/expected.csv": BROKEN}, "A test that fails")
    place.push()
    with play.act("a push that breaks a test", "stopped by its check, nothing deployed"):
        _expect(place.reached("rail", broken), "Failed")
    play.log("rail", broken, ("Check", "Check"), ("expected.csv",))


def _failing_function(play: Play) -> None:
    place = play.place
    failing = place.commit(place.mended_and_failing("returns"), "A function that fails")
    place.push()
    with play.act("a push with a function that fails", "deployed to dev, and refused by its smoke run"):
        _expect(place.reached("platform", failing), "Failed")
    play.log("platform", failing, VERIFY, SAMPLES)
    with play.act("CodePipeline rolls the stage back", "dev has the functions of the last good commit"):
        _expect(place.rolled_back("platform"), "Succeeded")


def _expect(found: str, wanted: str) -> None:
    if found != wanted:
        raise cloud.CloudError(f"The pipeline {found}, which should be {wanted}. lake pipeline status tells why.")


if __name__ == "__main__":
    with saying_errors():
        main()
