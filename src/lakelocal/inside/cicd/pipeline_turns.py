"""Whose turn a stage is: one execution at a time, and of those that wait the newest, or the oldest where they queue.

In PARALLEL nobody waits for anybody.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from lakelocal.inside.cicd.records import Document


class Interrupted(Exception):
    """The local cloud is being stopped; what was going on goes on when it is up again."""


class Turns:
    """Stages that are held, executions that wait. `closed` tells of a stage of a pipeline whether nobody may enter."""

    def __init__(self, closed: Callable[[str, str], bool]) -> None:
        self._closed = closed
        self._moved = threading.Condition()
        self._held: set[tuple[str, str]] = set()
        self._waiting: dict[tuple[str, str], list[Document]] = {}
        self._closing = False

    def enter(self, execution: Document, stage: str) -> str | None:
        """Wait until the stage is free and open; how the execution ends where it never gets in. Raises Interrupted."""
        name = execution["pipeline"]["name"]
        mode = execution["pipeline"].get("executionMode", "SUPERSEDED")
        with self._moved:
            waiting = self._waiting.setdefault((name, stage), [])
            waiting.append(execution)
            self._moved.notify_all()  # an older one that waits is superseded at once
            try:
                while True:
                    if self._closing:
                        raise Interrupted
                    if execution.get("stop"):
                        return "Stopped"
                    if mode == "SUPERSEDED" and _newest(waiting) is not execution:
                        return "Superseded"
                    may = not self._closed(stage, name)
                    if may and mode == "PARALLEL":
                        return None
                    turn = mode == "SUPERSEDED" or (mode == "QUEUED" and _oldest(waiting) is execution)
                    if may and turn and (name, stage) not in self._held:
                        self._held.add((name, stage))
                        return None
                    self._moved.wait(1.0)
            finally:
                waiting.remove(execution)
                self._moved.notify_all()

    def leave(self, execution: Document, stage: str) -> None:
        with self._moved:
            self._held.discard((execution["pipeline"]["name"], stage))
            self._moved.notify_all()

    def wake(self) -> None:
        """Whoever waits looks again."""
        with self._moved:
            self._moved.notify_all()

    def wait(self, seconds: float) -> None:
        with self._moved:
            self._moved.wait(seconds)

    def close(self) -> None:
        with self._moved:
            self._closing = True
            self._moved.notify_all()


def _newest(waiting: list[Document]) -> Document:
    return max(waiting, key=lambda one: float(one["startTime"]))


def _oldest(waiting: list[Document]) -> Document:
    return min(waiting, key=lambda one: float(one["startTime"]))
