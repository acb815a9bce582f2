"""DELETE, UPDATE and MERGE on an Iceberg table.

DuckDB changes a copy of the rows, and the table's data files are replaced by one snapshot. Athena writes delete files
beside the old data files instead: the rows are the same, the files are not.
"""

from __future__ import annotations

from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakelocal.inside.athena import dml, iceberg_write, rewrite
from lakelocal.inside.athena.catalog import is_iceberg
from lakelocal.inside.athena.dialect import in_engine_words
from lakelocal.inside.athena.failure import InvalidRequest, QueryFailed
from lakelocal.inside.athena.fitting import CHUNK
from lakelocal.inside.athena.insert import target
from lakelocal.inside.athena.query import bound
from lakelocal.inside.athena.resolve import resolved_change
from lakelocal.inside.athena.session import Session, Written
from lakelocal.inside.athena.translate import engine_failure
from lakelocal.inside.athena.typed import settle_types


def parse(text: str) -> exp.Expression:
    """One DELETE, UPDATE or MERGE. Raises InvalidRequest with the place where it stops making sense."""
    try:
        (tree,) = [one for one in sqlglot.parse(text, read="trino") if one is not None]
    except SqlglotError as error:
        raise InvalidRequest(rewrite.mismatch(text, error), "MALFORMED_QUERY") from error
    except ValueError as error:
        raise InvalidRequest("Only one sql statement is allowed.", "MALFORMED_QUERY") from error
    if not isinstance(tree, exp.Delete | exp.Update | exp.Merge):
        raise InvalidRequest(f"line 1:1: mismatched input '{text.split()[0]}'", "MALFORMED_QUERY")
    return tree


def run(session: Session, statement: dml.ChangeRows) -> Written:
    """Change the rows; no snapshot if none is concerned."""
    database, name = session.placed(statement.table)
    table = target(session.caller, database, name)
    if not is_iceberg(table):
        raise QueryFailed("NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables")
    asked = resolved_change(statement.sql, parse(statement.sql), session.caller, session.database)
    (first, source), *_ = asked.tables
    loaded = source.table  # type: ignore[attr-defined]
    scans = []
    for reference, one in asked.tables:
        reference.wanted = tuple(one.columns)
        scans.append((reference, one.scan(reference.wanted, [], reference.node.args.get("version"))))
        session.scanned(scans[-1][1].bytes)
    with bound(asked, scans, session.spill, session.stop) as engine:
        settle_types(engine, asked.tree)
        rows = _changed(engine, statement.sql, asked.tree)
        if not rows:
            return Written(0)
        old = [task.file for task in loaded.scan().plan_files()]
        schema = iceberg_write.arrow_schema(loaded)
        reader = engine.table(first.alias).to_arrow_reader(CHUNK)
        chunks = (_as_stored(batch, schema) for batch in reader)
        written = iceberg_write.replace(loaded, old, chunks)
    return Written(rows, written.files)


def _changed(engine: duckdb.DuckDBPyConnection, text: str, tree: exp.Expression) -> int:
    try:
        row = engine.execute(in_engine_words(tree.copy()).sql(dialect="duckdb")).fetchone()
    except duckdb.Error as error:
        if "more than once" in str(error):
            raise QueryFailed(
                "MERGE_TARGET_ROW_MULTIPLE_MATCHES: One MERGE target table row matched more than one source row"
            ) from error
        raise engine_failure(error, text, tree) from error
    return int(row[0]) if row else 0


def _as_stored(batch: Any, schema: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([batch]).cast(schema)
