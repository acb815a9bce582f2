"""Rows set aside: one shape for those that DuckDB found and those that Python found, and the file that holds them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.light.pipeline import OBJECTS
from lake.light.sql import text, texts
from lake.light.write import write_parquet

LONGEST = 10_000
"""Of a line that is too long, this many bytes are kept."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that Python set aside. `line` is 0 where lines mean nothing."""

    source: int
    number: int
    line: int
    rule: str
    reason: str
    row: str


def write_aside(engine: Any, rows: Iterable[Aside], path: Path) -> int:
    """Write rows in the shape of Pipeline.set_aside."""
    listed = path.with_suffix(".aside.csv")
    with listed.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for one in rows:
            hidden = (one.reason.encode().hex(), one.row.encode().hex())
            writer.writerow((one.source, one.number, one.line, one.rule, *hidden))
    numbers = "'_file': 'INTEGER', '_src_row': 'BIGINT', '_line': 'BIGINT'"
    types = f"{{{numbers}, 'rule': 'VARCHAR', 'reason': 'VARCHAR', 'row': 'VARCHAR'}}"
    read = f"read_csv({text(str(listed))}, columns = {types}, auto_detect = false, header = false)"
    shape = "_file, _src_row, nullif(_line, 0) AS _line, rule, []::VARCHAR[] AS broken"
    words = "decode(unhex(reason)) AS reason, coalesce(decode(unhex(row)), '') AS row"
    return write_parquet(engine, f"SELECT {shape}, {words} FROM {read}", path)


def write_rejected(engine: Any, files: Sequence[Path], batch_id: str, path: Path) -> int:
    """All rows set aside of a batch, in the shape of core.contract.QUARANTINE, by object and number."""
    if not files:
        return 0
    query = f"""
        SELECT _key AS _src_key, _sequencer AS _src_seq, _src_row, _line::BIGINT AS _line,
            {text(batch_id)} AS _batch_id, _moment AS _ingested_at, 'stage' AS zone, rule, reason, row
        FROM read_parquet({texts(map(str, files))}, union_by_name = true) JOIN {OBJECTS} ON _file = _place
        ORDER BY _file, _src_row
    """
    return write_parquet(engine, query, path)
