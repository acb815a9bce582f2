"""How a running query is ended from outside."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import duckdb

from lakelocal.inside.athena.failure import QueryCancelled
from lakelocal.inside.athena.translate import STOPPED


@dataclass(slots=True)
class Stop:
    """Lets another thread end a query: before it reads the next batch, or inside the engine."""

    asked: threading.Event = field(default_factory=threading.Event)
    engine: duckdb.DuckDBPyConnection | None = None

    def ask(self) -> None:
        """End it soon. An interrupt that comes just before the engine starts is lost, so it is said again."""
        self.asked.set()
        threading.Thread(target=self._interrupt, daemon=True, name="athena-stop").start()

    def _interrupt(self) -> None:
        while (engine := self.engine) is not None:
            try:
                engine.interrupt()
            except duckdb.Error:  # it was closed in this very moment
                return
            time.sleep(0.05)

    def check(self) -> None:
        if self.asked.is_set():
            raise QueryCancelled(STOPPED)
