"""Rung when a run ends, so that whoever waits for one sleeps in the meantime instead of asking all the time."""

from __future__ import annotations

import threading

AT_MOST = 0.5
"""Seconds after which one asks although nothing rang: the run may have ended between the question and the sleep."""
_ended = threading.Condition()


def ring() -> None:
    with _ended:
        _ended.notify_all()


def sleep() -> None:
    """Until something ends, or for `AT_MOST` seconds."""
    with _ended:
        _ended.wait(AT_MOST)
