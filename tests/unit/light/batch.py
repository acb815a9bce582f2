"""A batch of objects on disk, staged by the light engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.core.contract import Column
from lake.core.dataset import Dataset, Light, Trigger
from lake.core.dataset import Source as Drop
from lake.core.quality import Rule
from lake.core.report import BatchReport
from lake.core.table import Table
from lake.light.convert import convert
from lake.light.source import Source

AT = datetime(2013, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def dataset(
    columns: Sequence[Column],
    *,
    format_: str = "csv",
    options: dict[str, Any] | None = None,
    light: Light | None = None,
    staged: Sequence[Column] = (),
    rules: Sequence[Rule] = (),
) -> Dataset:
    return Dataset(
        digest="d",
        team="aviation",
        name="flights",
        description="",
        owner="",
        source=Drop("drop", "aviation/flights/", format_, options or {}),
        schema=tuple(columns),
        staged=tuple(staged or columns),
        light=light or Light(),
        table=Table("lake", "flights", "s3://a/b/", "append", tuple(staged or columns)),
        rules=tuple(rules),
        trigger=Trigger(),
    )


@dataclass(frozen=True)
class Result:
    report: BatchReport
    staged_path: Path
    rejected_path: Path

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Staged rows without their provenance."""
        return [row[:-5] for row in self.table]

    @property
    def table(self) -> list[tuple[Any, ...]]:
        return _read(self.staged_path, "*")

    @property
    def reasons(self) -> list[tuple[Any, ...]]:
        """Number, line, rule and reason of the rows set aside."""
        return _read(self.rejected_path, "_src_row, _line, rule, reason")

    @property
    def raw(self) -> list[str]:
        return [row for (row,) in _read(self.rejected_path, "row")]

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(one.reason, one.message) for one in self.report.objects]

    @property
    def counts(self) -> list[tuple[int, int, int, int]]:
        return [(o.rows_in, o.rows_staged, o.rows_rejected, o.rows_filtered) for o in self.report.objects]


def _read(path: Path, wanted: str) -> list[tuple[Any, ...]]:
    if not path.exists():
        return []
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {wanted} FROM read_parquet('{path}')").fetchall()


Stage = Callable[..., Result]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Stage objects, given as bytes or paths, and read back what came of them."""
    calls = iter(range(1000))

    def run(declared: Dataset, *objects: bytes | Path, engines: int = 2) -> Result:
        folder = tmp_path / f"call-{next(calls)}"
        folder.mkdir()
        sources = []
        for place, content in enumerate(objects):
            path = content if isinstance(content, Path) else folder / f"object-{place}"
            if isinstance(content, bytes):
                path.write_bytes(content)
            sources.append(Source(path, f"aviation/flights/{place}.csv", f"{place:032}", AT, path.stat().st_size))
        staged, rejected = folder / "staged.parquet", folder / "rejected.parquet"
        report = convert(sources, declared, "b1", staged, rejected, folder / "scratch", engines)
        return Result(report, staged, rejected)

    return run
