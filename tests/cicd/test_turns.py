"""Whose turn a stage is, without any cloud."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from lakelocal.inside.cicd.pipeline_turns import Interrupted, Turns


def execution(started: float, mode: str = "SUPERSEDED") -> dict[str, Any]:
    return {"startTime": started, "pipeline": {"name": "lake", "executionMode": mode}}


class Waiting:
    """An execution that waits for a stage in a thread; `said` is what became of it."""

    def __init__(self, turns: Turns, one: dict[str, Any]) -> None:
        self.one, self.said = one, "waits"
        self._turns = turns
        self.thread = threading.Thread(target=self._enter, daemon=True)
        self.thread.start()
        time.sleep(0.05)

    def _enter(self) -> None:
        try:
            self.said = self._turns.enter(self.one, "Deploy") or "in"
        except Interrupted:
            self.said = "interrupted"

    def ended(self) -> str:
        self.thread.join(2)
        return self.said


@pytest.fixture
def turns() -> Turns:
    return Turns(lambda stage, name: False)


def test_a_stage_holds_one_execution(turns: Turns) -> None:
    first = execution(1)
    assert turns.enter(first, "Deploy") is None
    second = Waiting(turns, execution(2))
    assert second.said == "waits"
    turns.leave(first, "Deploy")
    assert second.ended() == "in"


def test_the_newest_of_those_that_wait_supersedes_the_others(turns: Turns) -> None:
    first = execution(1)
    turns.enter(first, "Deploy")
    second, third = Waiting(turns, execution(2)), Waiting(turns, execution(3))
    assert second.ended() == "Superseded"
    turns.leave(first, "Deploy")
    assert third.ended() == "in"


def test_in_a_queue_nobody_is_superseded_and_the_oldest_comes_first(turns: Turns) -> None:
    first = execution(1, "QUEUED")
    turns.enter(first, "Deploy")
    third, second = Waiting(turns, execution(3, "QUEUED")), Waiting(turns, execution(2, "QUEUED"))
    turns.leave(first, "Deploy")
    assert second.ended() == "in"
    assert third.said == "waits"
    turns.leave(second.one, "Deploy")
    assert third.ended() == "in"


def test_in_parallel_nobody_waits_for_anybody(turns: Turns) -> None:
    for started in (1, 2):
        assert turns.enter(execution(started, "PARALLEL"), "Deploy") is None


def test_nobody_enters_a_stage_that_is_closed() -> None:
    shut = {"Deploy"}
    turns = Turns(lambda stage, name: stage in shut)
    waiting = Waiting(turns, execution(1))
    assert waiting.said == "waits"
    shut.clear()
    turns.wake()
    assert waiting.ended() == "in"


def test_an_execution_that_is_stopped_and_a_cloud_that_ends_wait_no_longer(turns: Turns) -> None:
    turns.enter(execution(1), "Deploy")
    stopped = Waiting(turns, execution(2) | {"stop": "stop"})
    assert stopped.ended() == "Stopped"
    waiting = Waiting(turns, execution(3))
    turns.close()
    assert waiting.ended() == "interrupted"
