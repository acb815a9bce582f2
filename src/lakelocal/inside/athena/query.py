"""One SELECT from its text to Arrow batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakelocal.inside.athena import rewrite
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import has_database
from lakelocal.inside.athena.engine import open_engine
from lakelocal.inside.athena.failure import QueryCancelled, QueryFailed
from lakelocal.inside.athena.place import where
from lakelocal.inside.athena.printed import ResultColumn, result_column
from lakelocal.inside.athena.reference import CATALOG, ForeignCatalog, Reference, references, settle
from lakelocal.inside.athena.source import Scan, Source
from lakelocal.inside.athena.stored import source_of
from lakelocal.inside.athena.translate import STOPPED, engine_failure, read_failure
from lakelocal.inside.athena.typecheck import check_types


@dataclass(slots=True)
class Stop:
    """Lets another thread end a query: before it reads the next batch, or inside the engine."""

    asked: threading.Event = field(default_factory=threading.Event)
    engine: duckdb.DuckDBPyConnection | None = None

    def ask(self) -> None:
        """End it soon. An interrupt that comes just before the engine starts is lost, so it is said again."""
        self.asked.set()
        threading.Thread(target=self._interrupt, daemon=True, name="athena-stop").start()

    def _interrupt(self) -> None:
        while (engine := self.engine) is not None:
            try:
                engine.interrupt()
            except duckdb.Error:  # it was closed in this very moment
                return
            time.sleep(0.05)

    def check(self) -> None:
        if self.asked.is_set():
            raise QueryCancelled(STOPPED)


@dataclass(frozen=True)
class Answer:
    """The columns of a result and its rows, to be drawn once."""

    columns: tuple[ResultColumn, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@contextmanager
def answered(
    text: str, caller: Caller, database: str, spill: Path, stop: Stop, scanned: Callable[[int], None]
) -> Iterator[Answer]:
    """Run a SELECT as this caller. `scanned` is told each table's bytes before they are read, and may object.

    Raises QueryFailed and QueryCancelled with Athena's words.
    """
    rewrite.check_functions(text)
    tree = rewrite.parse(text)
    found = _resolved(text, tree, caller, database)
    stop.check()
    scans = [(reference, _planned(reference, source, tree)) for reference, source in found]
    rewrite.rename_tables(tree, [reference for reference, _ in found])
    check_types(text, tree.copy(), {reference.alias: source.types for reference, source in found})
    for _, scan in scans:
        scanned(scan.bytes)
    engine = open_engine(spill)
    stop.engine = engine
    try:
        for reference, scan in scans:
            _provide(engine, reference, scan, stop)
        yield _run(engine, rewrite.for_engine(tree), text, tree, stop)
    finally:
        stop.engine = None
        engine.close()


def _resolved(text: str, tree: exp.Expression, caller: Caller, database: str) -> list[tuple[Reference, Source]]:
    try:
        named = references(tree, database)
    except ForeignCatalog as foreign:
        catalog = foreign.node.catalog
        raise QueryFailed(f"CATALOG_NOT_FOUND: {where(text, foreign.node)}: Catalog '{catalog}' not found") from foreign
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            name = table.this.sql("trino")
            raise QueryFailed(f"FUNCTION_NOT_FOUND: {where(text, table)}: Table function '{name}' not registered")
    sources: dict[tuple[str, str, str | None], Source] = {}
    resolved = []
    for reference in named:
        key = (reference.database, reference.name, reference.metadata)
        if key not in sources:
            sources[key] = _source(text, caller, reference)
        resolved.append((reference, sources[key]))
    return resolved


def _source(text: str, caller: Caller, reference: Reference) -> Source:
    at = where(text, reference.node)
    if reference.database == "information_schema":
        raise QueryFailed(
            "NOT_SUPPORTED: not built in the local Athena: information_schema. Use SHOW or glue:GetTables"
        )
    if not reference.database:
        raise QueryFailed(f"MISSING_SCHEMA_NAME: {at}: Schema must be specified when session schema is not set")
    try:
        source = source_of(caller, reference.database, reference.name, reference.metadata)
    except Exception as error:  # whatever reading the catalog or the metadata raises is said in Athena's words
        raise read_failure(error, reference.full_name) from error
    if source is not None:
        return source
    if not has_database(caller, reference.database):
        raise QueryFailed(f"SCHEMA_NOT_FOUND: {at}: Schema '{reference.database}' does not exist")
    raise QueryFailed(f"TABLE_NOT_FOUND: {at}: Table '{CATALOG}.{reference.database}.{reference.name}' does not exist")


def _planned(reference: Reference, source: Source, tree: exp.Expression) -> Scan:
    try:
        settle(reference, tree, source.columns)
        return source.scan(reference.wanted, reference.filters, reference.node.args.get("version"))
    except Exception as error:  # as above
        raise read_failure(error, reference.full_name) from error


def _provide(engine: duckdb.DuckDBPyConnection, reference: Reference, scan: Scan, stop: Stop) -> None:
    """Copy the rows into a table of the engine, which may spill; so they can be read more than once."""
    if scan.rows is not None:
        engine.table_function("range", [scan.rows]).create_view(reference.alias)
        return

    failure: list[Exception] = []

    def drawn() -> Iterator[pa.RecordBatch]:
        try:
            for batch in scan.batches:
                stop.check()
                yield batch
        except Exception as error:  # the engine would hide it behind an error of its own
            failure.append(error)
            raise

    reader = pa.RecordBatchReader.from_batches(scan.schema, drawn())
    engine.register("arriving", reader)
    try:
        engine.table("arriving").create(reference.alias)
    except Exception as error:  # said in Athena's words
        if failure:
            raise read_failure(failure[0], reference.full_name) from error
        stop.check()
        raise
    finally:
        engine.unregister("arriving")


def _run(engine: duckdb.DuckDBPyConnection, sql: str, text: str, tree: exp.Expression, stop: Stop) -> Answer:
    stop.check()
    try:
        relation = engine.sql(sql)
        kinds = list(zip(relation.columns, relation.types, strict=True))
        reader: Any = relation.to_arrow_reader(10_000)
    except duckdb.Error as error:
        stop.check()
        raise engine_failure(error, text, tree) from error
    columns = tuple(
        result_column(name, column.type, whole=str(kind) in ("HUGEINT", "UHUGEINT"))
        for (name, kind), column in zip(kinds, reader.schema, strict=True)
    )

    def drawn() -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader:
                stop.check()
                yield batch
        except (duckdb.Error, pa.ArrowException) as error:
            stop.check()
            raise engine_failure(
                error if isinstance(error, duckdb.Error) else duckdb.Error(str(error)), text, tree
            ) from error

    return Answer(columns, reader.schema, drawn())
