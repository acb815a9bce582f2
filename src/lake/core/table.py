"""The table that a dataset publishes: mode, keys, order, partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lake.core.contract import Column, column_from_json

Mode = Literal["append", "merge", "history", "replace"]

ARRIVED = "_ingested_at"
"""What orders rows where nothing else is declared to."""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are the reader's columns; tables fed by objects carry PROVENANCE after them.

    `sql` is Spark SQL over the view `staged` (or over the inputs of a derived dataset, named `<team>__<dataset>`);
    `python` is the source of a module with `transform(spark, inputs) -> DataFrame`. At most one of them is set.
    `order_by` decides which row of a merged key wins: the greatest, then the latest put, then key and row.
    `validity` names the three columns that mode history adds: from, until, whether current.
    `partition` (`month(at)`), `sort` (`at desc`) and `file_size` (bytes; 0 is Iceberg's own) lay out the files.
    """

    database: str
    name: str
    location: str
    mode: Mode
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    delete_when: str = ""
    partition: tuple[str, ...] = ()
    validity: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    file_size: int = 0
    sql: str = ""
    python: str = ""
    description: str = ""

    @property
    def event_time(self) -> str:
        """The column that says from when a row of mode history is true."""
        return self.order_by[0] if self.order_by else ARRIVED

    @property
    def published(self) -> tuple[Column, ...]:
        """The reader's columns, and in mode history those that say when a version was true."""
        if not self.validity:
            return self.columns
        valid_from, valid_to, is_current = self.validity
        kind = next((one.type for one in self.columns if one.name == self.event_time), "timestamp")
        return (
            *self.columns,
            Column(valid_from, kind, "From when this version is true"),
            Column(valid_to, kind, "Until when it was true, exclusive; null as long as it is"),
            Column(is_current, "boolean", "Whether this is the version that is true now"),
        )

    @property
    def quarantine(self) -> str:
        return f"{self.name}_quarantine"


def table_from_json(entry: Mapping[str, Any]) -> Table:
    return Table(
        database=entry["database"],
        name=entry["name"],
        location=entry["location"],
        mode=entry["mode"],
        columns=tuple(column_from_json(column) for column in entry["columns"]),
        keys=tuple(entry.get("keys", ())),
        order_by=tuple(entry.get("order_by", ())),
        delete_when=entry.get("delete_when", ""),
        partition=tuple(entry.get("partition", ())),
        validity=tuple(entry.get("validity", ())),
        sort=tuple(entry.get("sort", ())),
        file_size=entry.get("file_size", 0),
        sql=entry.get("sql", ""),
        python=entry.get("python", ""),
        description=entry.get("description", ""),
    )
