"""Run by the cloud's own environment: what the engine answers to expressions, as Athena would print it.

Reads JSON, a list of `{"expressions": […], "from": "FROM …"}`; writes for each expression `{"value": …}` or
`{"fails": reason}`. The rows of a column are joined by spaces.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lakelocal.inside.athena.failure import InvalidRequest, QueryFailed
from lakelocal.inside.athena.printed import printer
from lakelocal.inside.athena.query import answered
from lakelocal.inside.athena.stop import Stop

TOGETHER = 80


def main() -> None:
    with TemporaryDirectory() as spill:
        answers = [_all(group["expressions"], group["from"], Path(spill)) for group in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)


def _all(expressions: list[str], source: str, spill: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at in range(0, len(expressions), TOGETHER):
        found += _some(expressions[at : at + TOGETHER], source, spill)
    return found


def _some(expressions: list[str], source: str, spill: Path) -> list[dict[str, Any]]:
    """One SELECT for all; one for each half where something fails."""
    try:
        return [{"value": value} for value in _values(f"SELECT {', '.join(expressions)} {source}", spill)]
    except (QueryFailed, InvalidRequest) as failed:
        if len(expressions) == 1:
            return [{"fails": str(failed)}]
    half = len(expressions) // 2
    return [*_some(expressions[:half], source, spill), *_some(expressions[half:], source, spill)]


def _values(sql: str, spill: Path) -> list[str | None]:
    caller: Any = None  # these name no table
    with answered(sql, caller, "", spill, Stop(), lambda scanned: None) as answer:
        printers = [printer(field.type) for field in answer.schema]
        rows = [
            row for batch in answer.batches for row in zip(*(one.to_pylist() for one in batch.columns), strict=True)
        ]
    columns = [
        [None if cell is None else show(cell) for cell in column]
        for show, column in zip(printers, zip(*rows, strict=True), strict=True)
    ]
    return [column[0] if len(column) == 1 else " ".join(map(str, column)) for column in columns]


if __name__ == "__main__":
    main()
