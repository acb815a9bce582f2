"""What one statement runs with: who asks, where from, and what it may use."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.ddl import Name
from lakelocal.inside.athena.query import Answer, answered
from lakelocal.inside.athena.stop import Stop


@dataclass(frozen=True, slots=True)
class Session:
    """`output` is the folder of the results; `enforced` says that the work group alone decides about it."""

    caller: Caller
    database: str
    spill: Path
    stop: Stop
    scanned: Callable[[int], None]
    number: str
    output: str
    enforced: bool

    def answered(self, sql: str) -> AbstractContextManager[Answer]:
        return answered(sql, self.caller, self.database, self.spill, self.stop, self.scanned)

    def placed(self, table: Name) -> tuple[str, str]:
        """Database and name of a table."""
        return table[0] or self.database, table[1]


@dataclass(frozen=True, slots=True)
class Written:
    """What a statement that writes rows has done: how many rows, and the objects that hold them."""

    rows: int | None = None
    files: tuple[str, ...] = ()
