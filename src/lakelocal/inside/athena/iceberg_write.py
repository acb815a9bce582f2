"""Rows into an Iceberg table: data files first, then one snapshot that names them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io.pyarrow import _dataframe_to_data_files, schema_to_pyarrow

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.session import Written


def arrow_schema(table: Any) -> pa.Schema:
    return schema_to_pyarrow(table.schema(), include_field_ids=False)


def append(table: Any, chunks: Iterable[pa.Table]) -> Written:
    """Add these rows by one snapshot; none if there are none."""
    files, rows = data_files(table, chunks)
    if files:
        with _conflicts(), table.transaction() as change, change.update_snapshot().fast_append() as snapshot:
            for file in files:
                snapshot.append_data_file(file)
    return Written(rows, tuple(file.file_path for file in files))


def replace(table: Any, old: Sequence[Any], chunks: Iterable[pa.Table]) -> Written:
    """Put these rows in place of old data files by one snapshot.

    Raises QueryFailed if another commit has come in between.
    """
    files, rows = data_files(table, chunks)
    if files or old:
        with _conflicts(), table.transaction() as change, change.update_snapshot().overwrite() as snapshot:
            for file in old:
                snapshot.delete_data_file(file)
            for file in files:
                snapshot.append_data_file(file)
    return Written(rows, tuple(file.file_path for file in files))


def data_files(table: Any, chunks: Iterable[pa.Table]) -> tuple[list[Any], int]:
    """Write the rows into new files of the table that no snapshot names yet; the files, and how many rows."""
    number, counter = uuid.uuid4(), itertools.count()
    files: list[Any] = []
    rows = 0
    for chunk in chunks:
        rows += chunk.num_rows
        files += _dataframe_to_data_files(table.metadata, chunk, table.io, number, counter)
    return files, rows


class _conflicts:  # noqa: N801 - a context manager
    """Says in Athena's words that somebody else committed first."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, CommitFailedException | ValidationException):
            raise QueryFailed(f"ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: {error}") from error
