"""The table that a dataset publishes: mode, keys, order, partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lake.core.contract import Column, column_from_json

Mode = Literal["append", "merge", "replace"]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are the reader's columns; tables fed by objects carry PROVENANCE after them.

    `sql` is Spark SQL over the view `staged` (or over the inputs of a derived dataset, named `<team>__<dataset>`);
    `python` is the source of a module with `transform(spark, inputs) -> DataFrame`. At most one of them is set.
    `order_by` decides which row of a merged key wins: the greatest, then the latest put, then key and row.
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
    sql: str = ""
    python: str = ""
    description: str = ""

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
        sql=entry.get("sql", ""),
        python=entry.get("python", ""),
        description=entry.get("description", ""),
    )
