"""Which kind of table the Glue catalog holds under a name."""

from __future__ import annotations

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import glue_table, is_iceberg
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.iceberg_source import IcebergMetadata, IcebergSource
from lakelocal.inside.athena.parquet_source import ParquetSource
from lakelocal.inside.athena.source import Source
from lakelocal.inside.athena.view import View, is_view, view_of


def source_of(caller: Caller, database: str, name: str, metadata: str | None) -> Source | View | None:
    """The table or view of the Glue catalog, or None if there is none."""
    table = glue_table(caller, database, name)
    if table is None:
        return None
    if is_iceberg(table):
        loaded = caller.catalog._convert_glue_to_iceberg(table)
        return IcebergMetadata(loaded, metadata) if metadata else IcebergSource(loaded)
    if metadata:
        raise QueryFailed(f"NOT_SUPPORTED: '{name}${metadata}': only Iceberg tables have metadata tables here")
    return view_of(table) if is_view(table) else ParquetSource(caller, table)
