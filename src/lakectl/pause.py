"""How long to wait before the same question is asked again."""

from __future__ import annotations

import time

from lakectl.target import Target

SOON, LATER, GROWTH = 0.1, 0.4, 1.2
"""Seconds on the laptop: what ends at once is seen at once, and what takes longer does not have its host busied."""
ON_AWS = 2.0


class Pause:
    """Pauses between questions about one thing. On AWS they are all of a length, which its quotas allow."""

    def __init__(self, target: Target) -> None:
        self._seconds, self._longest = (SOON, LATER) if target.local else (ON_AWS, ON_AWS)

    def sleep(self) -> None:
        time.sleep(self._seconds)
        self._seconds = min(self._seconds * GROWTH, self._longest)
