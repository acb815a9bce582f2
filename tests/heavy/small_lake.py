"""A lake of one dataset in a folder: stage files by DuckDB, tables by DDL, runs by plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from lake.core.contract import PROVENANCE, QUARANTINE, Column
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.ddl import columns_of
from lake.core.run import Input, Plan, Result, SourceVersion
from lake.core.type import stored_type

TODAY = date(2025, 6, 1)
PRICES = ({"name": "shop", "type": "string"}, {"name": "price", "type": "int"}, {"name": "seen", "type": "timestamp"})


def row_rule(rule: str, dqdl: str, predicate: str, **others: str) -> dict[str, str]:
    return {
        "id": rule,
        "zone": "analytics",
        "dqdl": dqdl,
        "kind": "row",
        "engine": "deequ",
        "on_fail": "quarantine",
        "predicate": predicate,
    } | others


def set_rule(rule: str, dqdl: str, **others: str) -> dict[str, str]:
    return {
        "id": rule,
        "zone": "analytics",
        "dqdl": dqdl,
        "kind": "set",
        "engine": "deequ",
        "on_fail": "quarantine",
    } | others


def dataset_of(name: str, table: Mapping[str, Any], **others: Any) -> Dataset:
    staged = others.pop("staged", PRICES)
    columns = table.get("columns", staged)
    entry: dict[str, Any] = {
        "digest": "d1",
        "team": "shops",
        "name": name,
        "description": "",
        "owner": "",
        "source": {"kind": "drop"},
        "schema": staged,
        "staged": staged,
        "table": {"database": "lake_shops", "name": name, "location": "", "mode": "append", "columns": columns}
        | dict(table),
        "rules": (),
        "trigger": {},
        "batch_objects": 100,
        "batch_bytes": 1,
    }
    return dataset_from_json(entry | others)


@dataclass
class SmallLake:
    """Runs of one dataset. `files` counts stage files, so that each has its own name."""

    spark: Any
    folder: Path
    dataset: Dataset
    files: int = field(default=0)

    @property
    def name(self) -> str:
        return f"glue_catalog.{self.dataset.table.database}.{self.dataset.name}"

    def create_tables(self) -> SmallLake:
        """Both tables, as registration would make them."""
        from lakelocal.spark.alone import create_table

        create_table(self.spark, self.name, columns_of(self.dataset), self.dataset.table.partition)
        create_table(self.spark, f"{self.name}_quarantine", QUARANTINE, ("run_id",))
        return self

    def stage(self, key: str, sequencer: str, rows: Sequence[Sequence[Any]], at: str = "2025-05-01 00:00:00") -> str:
        """One stage file with the rows of one object version."""
        columns = self.dataset.staged
        values = ", ".join(
            f"({', '.join(map(_literal, [*row, key, sequencer, number, f'b-{key}', at]))})"
            for number, row in enumerate(rows, 1)
        )
        return self._write((*columns, *PROVENANCE), values)

    def reject(self, key: str, sequencer: str, rows: int) -> str:
        columns = tuple(column for column in QUARANTINE if column.name != "run_id")
        values = ", ".join(
            f"('{key}', '{sequencer}', {1000 + number}, 1, 'b-{key}', '2025-05-01', 'stage', 'contract', 'r', 'x')"
            for number in range(rows)
        )
        return self._write(columns, values)

    def run(self, number: int, *staged: str, today: date = TODAY, **plan: Any) -> Result:
        from lake.heavy.run import run

        return run(self.spark, self.plan(number, *staged, **plan), today)

    def plan(self, number: int, *staged: str, **plan: Any) -> Plan:
        for name in ("left_out", "history_left_out"):
            plan[name] = tuple(SourceVersion(*pair) for pair in plan.get(name, ()))
        plan["inputs"] = {key: Input(*value) for key, value in plan.get("inputs", {}).items()}
        return Plan(f"r{number:08d}", plan.pop("dataset", self.dataset), tuple(staged), **plan)

    def rows(self, columns: str = "shop, price", table: str = "") -> list[tuple[Any, ...]]:
        found = self.spark.sql(f"SELECT {columns} FROM {self.name}{table}").collect()
        return sorted((tuple(row) for row in found), key=repr)

    def aside(self, columns: str = "_src_key, rule, run_id") -> list[tuple[Any, ...]]:
        return self.rows(columns, "_quarantine")

    def snapshots(self) -> int:
        return int(self.spark.sql(f"SELECT count(*) FROM {self.name}.snapshots").first()[0])

    def branches(self) -> list[str]:
        return [row[0] for row in self.spark.sql(f"SELECT name FROM {self.name}.refs").collect()]

    def _write(self, columns: Sequence[Column], values: str) -> str:
        self.files += 1
        path = self.folder / f"{self.dataset.name}-{self.files}.parquet"
        stored = ((column.name, _duckdb(stored_type(column.type))) for column in columns)
        cast = ", ".join(f'"{name}"::{type_} AS "{name}"' for name, type_ in stored)
        names = ", ".join(f'"{column.name}"' for column in columns)
        duckdb.sql(f"COPY (SELECT {cast} FROM (VALUES {values}) AS v({names})) TO '{path}' (FORMAT parquet)")
        return path.as_uri()


def _duckdb(declared: str) -> str:
    return {"string": "varchar"}.get(declared, declared)


def _literal(value: Any) -> str:
    return (
        "NULL" if value is None else str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
    )
