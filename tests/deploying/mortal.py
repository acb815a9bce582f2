"""`lake deploy` that is killed before or after its Nth call: `python mortal.py ROOT N`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from lakectl.deployment import blueprint_for, deploy
from lakectl.stacks import stacks_of
from lakectl.target import target_for

SERVICES = ("cloudformation", "s3", "ssm", "dynamodb", "glue")


class Fate:
    """Counts both ends of each call, in whichever thread; the last one is not survived."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._lock = threading.Lock()

    def __call__(self, **_: Any) -> None:
        with self._lock:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    target = target_for(Path(sys.argv[1]), None)
    blueprint = blueprint_for(target)
    fate = Fate(int(sys.argv[2]))
    for service in SERVICES:
        events = target.client(service).meta.events
        events.register("before-call", fate)
        events.register("after-call", fate)
    deploy(target, blueprint, stacks_of(blueprint))


if __name__ == "__main__":
    main()
