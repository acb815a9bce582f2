"""Columns and their types: what a cell may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A named, typed column. `type` is written as in core.type; timestamps are UTC without a zone."""

    name: str
    type: str
    description: str = ""
    nullable: bool = True
    pii: bool = False
    format: str = ""
    """For dates and timestamps in text: the one accepted strptime format; empty means ISO 8601."""
    at: str = ""
    """Where the cell stands in the file, if not under the column's name: a header, a path, a range of characters."""

    @property
    def place(self) -> str:
        return self.at or self.name


PROVENANCE = (
    Column("_src_key", "string", "Key of the object that the row came from"),
    Column("_src_seq", "string", "Sequencer of the object's version"),
    Column("_src_row", "bigint", "Number of the record in the object, from 1"),
    Column("_batch_id", "string", "Batch that staged the row"),
    Column("_ingested_at", "timestamp", "When the object was put, UTC"),
)
"""Every staged row carries these, and every table that is fed by objects."""

QUARANTINE = (
    Column("_src_key", "string", "Key of the object that the row came from"),
    Column("_src_seq", "string", "Sequencer of the object's version"),
    Column("_src_row", "bigint", "Number of the record in the object, from 1"),
    Column("_line", "bigint", "Line of the object where the record starts, where lines mean something"),
    Column("_batch_id", "string", "Batch that read the row"),
    Column("_ingested_at", "timestamp", "When the object was put, UTC"),
    Column("zone", "string", "Where the row was set aside: stage or analytics"),
    Column("rule", "string", "The rule that it broke, or 'contract'"),
    Column("reason", "string", "What was wrong, in words"),
    Column("row", "string", "The row as text: the raw line, or JSON of its cells"),
    Column("run_id", "string", "Run that made it visible"),
)
"""One shape for all rows set aside, whatever table they were meant for. Files in stage lack `run_id`."""


def column_from_json(entry: Mapping[str, object]) -> Column:
    return Column(
        name=str(entry["name"]),
        type=str(entry["type"]),
        description=str(entry.get("description", "")),
        nullable=bool(entry.get("nullable", True)),
        pii=bool(entry.get("pii", False)),
        format=str(entry.get("format", "")),
        at=str(entry.get("at", "")),
    )
