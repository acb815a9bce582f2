"""One SELECT from its text to Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakelocal.inside.athena import rewrite
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.engine import open_engine
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.printed import ResultColumn, result_column
from lakelocal.inside.athena.reference import CATALOG, Reference, settle
from lakelocal.inside.athena.resolve import Resolved, resolved
from lakelocal.inside.athena.source import Scan, Source, trino_types
from lakelocal.inside.athena.stop import Stop
from lakelocal.inside.athena.translate import engine_failure, read_failure
from lakelocal.inside.athena.type_name import trino_name
from lakelocal.inside.athena.typecheck import check_types
from lakelocal.inside.athena.typed import settle_types
from lakelocal.inside.athena.view import View

WHOLE = ("HUGEINT", "UHUGEINT")
"""What DuckDB makes of sums of integers, which Trino keeps as bigint."""


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
    asked = resolved(text, caller, database)
    stop.check()
    scans = [(reference, _planned(reference, source, asked.tree)) for reference, source in asked.tables]
    for _, scan in scans:
        scanned(scan.bytes)
    with bound(asked, scans, spill, stop) as engine:
        settle_types(engine, asked.tree)
        yield _run(engine, rewrite.for_engine(asked.tree), text, asked.tree, stop)


def described(text: str, caller: Caller, database: str, spill: Path) -> list[tuple[str, pa.DataType, bool]]:
    """The columns that a SELECT would give: name, Arrow type, whether it is a sum of integers. No row is read."""
    asked = resolved(text, caller, database)
    for reference, source in asked.tables:
        reference.wanted = tuple(source.columns)
    empty = [(reference, Scan(0, None, source.schema, iter(()))) for reference, source in asked.tables]
    with bound(asked, empty, spill, Stop()) as engine:
        try:
            return _columns(engine, asked.tree)
        except duckdb.Error as error:
            raise engine_failure(error, text, asked.tree) from error


@contextmanager
def bound(
    asked: Resolved, scans: Sequence[tuple[Reference, Scan]], spill: Path, stop: Stop
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that holds the rows of these scans; the query is checked against their types first."""
    rewrite.rename_tables(asked.tree, [reference for reference, _ in scans])
    schema = {reference.alias: trino_types(source.schema) for reference, source in asked.tables}
    check_types(asked.text, asked.tree.copy(), schema)
    engine = open_engine(spill)
    stop.engine = engine
    try:
        for reference, scan in scans:
            _provide(engine, reference, scan, stop)
        for view, body in asked.views:
            _check_view(engine, view, body)
        yield engine
    finally:
        stop.engine = None
        engine.close()


def _columns(engine: duckdb.DuckDBPyConnection, tree: exp.Expression) -> list[tuple[str, pa.DataType, bool]]:
    settled = tree.copy()
    settle_types(engine, settled)
    relation = engine.sql(rewrite.for_engine(settled))
    whole = [str(kind) in WHOLE for kind in relation.types]
    schema = relation.limit(0).to_arrow_table().schema
    names = rewrite.output_names(tree, schema.names)
    return [(name, kind, sums) for name, kind, sums in zip(names, schema.types, whole, strict=True)]


def _check_view(engine: duckdb.DuckDBPyConnection, view: View, body: exp.Expression) -> None:
    """Raise QueryFailed for a view whose tables have changed under it."""
    try:
        found = [(name, trino_name(kind, whole=whole)) for name, kind, whole in _columns(engine, body)]
    except duckdb.Error as error:
        raise QueryFailed(
            f"INVALID_VIEW: Failed analyzing stored view '{CATALOG}.{view.database}.{view.name}': {error}"
        ) from error
    if [kind for _, kind in found] != [kind for _, kind in view.columns]:
        raise QueryFailed(
            f"VIEW_IS_STALE: View '{CATALOG}.{view.database}.{view.name}' is stale or in invalid state: its query "
            f"gives {found}, and {list(view.columns)} was kept. Create it again."
        )


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
        kinds = list(zip(rewrite.output_names(tree, relation.columns), relation.types, strict=True))
        reader: Any = relation.to_arrow_reader(10_000)
    except duckdb.Error as error:
        stop.check()
        raise engine_failure(error, text, tree) from error
    columns = tuple(
        result_column(name, column.type, whole=str(kind) in WHOLE)
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
