"""Run samples: the light engine stages them, one Spark for all transforms them, and the rows are compared."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lake.core.errors import LakeError
from lake.light.convert import convert
from lake.light.source import Source
from lakectl.compile import Compiled
from lakectl.failure import Failure
from lakectl.samples.sample import BadSample, Row, Sample, sample_of
from lakelocal import jvm

PUT_AT = datetime(2020, 1, 1, tzinfo=UTC)
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a dataset's sample came out. `missing` rows did not come, `unexpected` ones did, `aside` were set aside."""

    dataset: str
    rows: int = 0
    aside: int = 0
    missing: tuple[Row, ...] = ()
    unexpected: tuple[Row, ...] = ()
    error: str = ""

    @property
    def good(self) -> bool:
        return not (self.error or self.missing or self.unexpected)


def check(root: Path, chosen: Sequence[Compiled], every: Sequence[Compiled]) -> list[Outcome]:
    """The outcome of each chosen dataset. `every` dataset is known, for the columns of inputs."""
    tables = {one.name: one.value() for one in every}
    with TemporaryDirectory(prefix="lake-samples-") as folder:
        staged = [_staged(root, one, tables, Path(folder)) for one in chosen]
        cases = [one for one in staged if isinstance(one, _Case)]
        answers = iter(_in_spark(root, [case.told for case in cases]) if cases else [])
    return [one if isinstance(one, Outcome) else _compared(one, next(answers)) for one in staged]


@dataclass(frozen=True, slots=True)
class _Case:
    """A sample ready for Spark: what Spark is told, and how many rows stage set aside."""

    name: str
    sample: Sample
    told: dict[str, Any]
    aside: int


def _staged(root: Path, one: Compiled, tables: dict[str, Any], folder: Path) -> _Case | Outcome:
    try:
        sample = sample_of(root, tables[one.name], tables)
        files, aside = _light(sample, folder / one.name)
    except (BadSample, LakeError) as error:
        return Outcome(one.name, error=str(error))
    inputs = {
        name: {"columns": [[column.name, column.type] for column in tables[name].table.columns], "rows": rows}
        for name, rows in sample.inputs.items()
    }
    return _Case(one.name, sample, {"dataset": one.entry, "staged": files, "inputs": inputs}, aside)


def _light(sample: Sample, folder: Path) -> tuple[list[str], int]:
    """The staged files of what is dropped, and the number of rows set aside. Raises BadSample where all is refused."""
    if sample.dropped is None:
        return [], 0
    folder.mkdir()
    scratch, staged = folder / "scratch", folder / "staged.parquet"
    scratch.mkdir()
    key = f"{sample.dataset.source.prefix}{sample.dropped.name}"
    source = Source(sample.dropped, key, "0", PUT_AT, sample.dropped.stat().st_size)
    (report,) = convert([source], sample.dataset, "sample", staged, folder / "rejected.parquet", scratch).objects
    if report.reason:
        raise BadSample(f"{sample.dropped.name} would be rejected as a whole: {report.reason}: {report.message}")
    return [str(staged)] if staged.exists() else [], report.rows_rejected


def _in_spark(root: Path, cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of each case as text, or what went wrong."""
    python = jvm.spark_home(root) / "bin/python"
    if not python.exists():
        raise Failure(f"Spark's environment is missing at {python.parent.parent}: run `make setup`.")
    source = Path(__file__).parents[2]
    done = subprocess.run(
        [str(python), "-m", "lakelocal.spark.samples", str(root)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": str(source)},
    )
    if done.returncode:
        raise Failure(f"Spark ended with code {done.returncode}:\n{done.stderr.strip()[-2000:]}")
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answers


def _compared(case: _Case, answer: dict[str, Any]) -> Outcome:
    if answer["error"]:
        return Outcome(case.name, aside=case.aside, error=answer["error"])
    found = Counter(tuple(row) for row in answer["rows"])
    expected = Counter(case.sample.expected)
    return Outcome(
        case.name,
        found.total(),
        case.aside,
        tuple(sorted((expected - found).elements(), key=str)),
        tuple(sorted((found - expected).elements(), key=str)),
    )
