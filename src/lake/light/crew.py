"""Engines side by side, each with its own thread and its share of the memory."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lake.light.engine import engine
from lake.light.pipeline import OBJECTS
from lake.light.source import Source
from lake.light.sql import text

MEMORY_MB = 400
"""Of all engines together; Python and the buffers that DuckDB does not count come on top."""

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Crew:
    """At most `size` engines, made when they are needed."""

    def __init__(self, size: int, sources: Sequence[Source], scratch: Path, writable: Sequence[Path]) -> None:
        self.size = size
        self.scratch = scratch
        self._sources = sources
        self._writable = tuple(writable)
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._all: list[Any] = []
        self._pool = ThreadPoolExecutor(size, "engine")

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for one in self._all:
            one.close()

    @contextmanager
    def engine(self) -> Iterator[Any]:
        """Borrow an engine; only while no task runs, or there may be one more than `size`."""
        try:
            one = self._idle.get_nowait()
        except queue.Empty:
            one = self._hired()
        try:
            yield one
        finally:
            self._idle.put(one)

    def submit(self, work: Callable[[Any, Task], Answer], task: Task) -> Future[Answer]:
        """Have the next idle engine do it."""

        def run() -> Answer:
            with self.engine() as one:
                return work(one, task)

        return self._pool.submit(run)

    def _hired(self) -> Any:
        readable = [source.path for source in self._sources]
        one = engine(self.scratch, readable, self._writable, MEMORY_MB // self.size)
        self._all.append(one)
        one.execute(f"CREATE TABLE {OBJECTS} (_place INTEGER, _key VARCHAR, _sequencer VARCHAR, _moment TIMESTAMP)")
        rows = ", ".join(
            f"({place}, {text(source.key)}, {text(source.sequencer)}, {text(source.moment)})"
            for place, source in enumerate(self._sources)
        )
        one.execute(f"INSERT INTO {OBJECTS} VALUES {rows}")
        return one
