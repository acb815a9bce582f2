"""An Iceberg table, read by pyiceberg with the caller's credentials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.types import NestedField
from sqlglot import exp

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.pushdown import row_filter
from lakelocal.inside.athena.source import Scan

METADATA = ("snapshots", "history", "files", "manifests", "partitions", "refs")


@dataclass(frozen=True)
class IcebergSource:
    """The rows of a table at one snapshot."""

    table: Any

    @cached_property
    def columns(self) -> Mapping[str, NestedField]:
        return {field.name.lower(): field for field in self.table.schema().fields}

    @property
    def schema(self) -> pa.Schema:
        return schema_to_pyarrow(self.table.schema(), include_field_ids=False)

    def scan(self, wanted: Sequence[str], filters: Sequence[exp.Expression], version: exp.Version | None) -> Scan:
        snapshot = _snapshot(self.table, version)
        names = tuple(self.columns[name].name for name in wanted)
        fields = {name: self.columns[name] for name in wanted}
        planned = self.table.scan(row_filter=row_filter(filters, fields), selected_fields=names, snapshot_id=snapshot)
        tasks = list(planned.plan_files())
        if not wanted:
            return Scan(0, planned.count(), pa.schema([]), iter(()))
        touched = sum(_touched(task, [field.field_id for field in fields.values()]) for task in tasks)
        schema = schema_to_pyarrow(planned.projection(), include_field_ids=False)
        return Scan(touched, None, schema, _batches(planned, schema))


@dataclass(frozen=True)
class IcebergMetadata:
    """One of the metadata tables: `"t$snapshots"` and its like."""

    table: Any
    kind: str

    @cached_property
    def _rows(self) -> pa.Table:
        if self.kind not in METADATA:
            known = ", ".join(f"${kind}" for kind in METADATA)
            raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: '${self.kind}'. Known: {known}")
        return getattr(self.table.inspect, self.kind)()

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        return {field.name.lower(): field for field in self._rows.schema}

    @property
    def schema(self) -> pa.Schema:
        return self._rows.schema

    def scan(self, wanted: Sequence[str], filters: Sequence[exp.Expression], version: exp.Version | None) -> Scan:
        rows = self._rows.select([self.columns[name].name for name in wanted])
        return Scan(0, None if wanted else self._rows.num_rows, rows.schema, iter(rows.to_batches()))


def _batches(planned: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in planned.to_arrow_batch_reader():
        yield from pa.Table.from_batches([batch]).cast(schema).to_batches()


def _touched(task: Any, ids: Iterable[int]) -> int:
    """Bytes of the column chunks of one data file, and of its delete files whole."""
    deletes = sum(file.file_size_in_bytes for file in task.delete_files)
    sizes = task.file.column_sizes
    if not sizes:
        return int(task.file.file_size_in_bytes + deletes)
    return int(sum(sizes[number] for number in ids if number in sizes) + deletes)


def _snapshot(table: Any, version: exp.Version | None) -> int | None:
    """The snapshot that FOR VERSION | TIMESTAMP AS OF means."""
    if version is None:
        return None
    said = version.expression
    if str(version.this).upper() == "VERSION":
        if isinstance(said, exp.Literal) and not said.is_string:
            if table.snapshot_by_id(int(said.name)) is None:
                raise QueryFailed(f"INVALID_ARGUMENTS: Iceberg snapshot ID does not exists: {said.name}")
            return int(said.name)
        named = table.snapshot_by_name(said.name)
        if named is None:
            raise QueryFailed(f"INVALID_ARGUMENTS: Cannot find snapshot with reference name: {said.name}")
        return int(named.snapshot_id)
    moment = _moment(said)
    for entry in reversed(table.history()):
        if entry.timestamp_ms <= moment:
            return int(entry.snapshot_id)
    raise QueryFailed(f"INVALID_ARGUMENTS: No version history table {table.name()[1]} at or before {_literal(said)}")


def _literal(said: exp.Expression) -> str:
    literal = said.find(exp.Literal)
    if literal is None or not literal.is_string:
        raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: FOR TIMESTAMP AS OF what is not a literal")
    return str(literal.name)


def _moment(said: exp.Expression) -> int:
    """Milliseconds since 1970 of a timestamp literal."""
    text = _literal(said)
    try:
        moment = dt.datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError as error:
        raise QueryFailed(f"INVALID_LITERAL: '{text}' is not a valid timestamp literal") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return int(moment.timestamp() * 1000)
