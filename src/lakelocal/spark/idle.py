"""Whether this machine has time to spare."""

from __future__ import annotations

import time
from pathlib import Path

CPU = Path("/proc/stat")
"""Its first line: https://man7.org/linux/man-pages/man5/proc_stat.5.html"""


def idle_share(seconds: float) -> float:
    """The share of all processors' time that nobody wanted while we waited; 1.0 where the machine does not tell."""
    before = _times()
    time.sleep(seconds)
    after = _times()
    total = sum(after) - sum(before)
    return (after[IDLE] - before[IDLE]) / total if total else 1.0


IDLE = 3


def _times() -> list[int]:
    if not CPU.exists():
        return [0] * (IDLE + 1)
    return [int(word) for word in CPU.read_text().split("\n", 1)[0].split()[1:9]]
