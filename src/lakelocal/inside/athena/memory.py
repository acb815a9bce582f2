"""Gives memory back to the machine: what a query took must not stay with the host when it is idle."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading

import pyarrow


def give_back() -> None:
    """Free what nobody holds: objects, Arrow's pool, and the C library's own reserve."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


class Quiet:
    """Gives memory back once no query has ended for a while: looking through all objects takes longer than a query."""

    SECONDS = 3.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def begins(self) -> None:
        """A query has ended; the wait starts anew."""
        with self._lock:
            self._cancel()
            self._timer = threading.Timer(self.SECONDS, give_back)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        with self._lock:
            self._cancel()

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
