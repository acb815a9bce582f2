"""Gives memory back to the machine: what a query took must not stay with the host when it is idle."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow


def give_back() -> None:
    """Free what nobody holds: objects, Arrow's pool, and the C library's own reserve."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
