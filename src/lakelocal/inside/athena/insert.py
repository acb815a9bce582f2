"""INSERT INTO an Iceberg table or a plain table of Parquet files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.athena import dml, iceberg_write, parquet_write
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import code_of, glue_table, is_iceberg, told
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.fitting import fitted
from lakelocal.inside.athena.parquet_source import ParquetSource
from lakelocal.inside.athena.session import Session, Written
from lakelocal.inside.athena.view import CATALOG, is_view


def run(session: Session, statement: dml.Insert) -> Written:
    """Append the query's rows."""
    database, name = session.placed(statement.table)
    table = target(session.caller, database, name)
    if is_iceberg(table):
        loaded = session.caller.catalog._convert_glue_to_iceberg(table)
        with session.answered(statement.sql) as answer:
            return iceberg_write.append(loaded, fitted(answer, iceberg_write.arrow_schema(loaded), statement.columns))
    source = ParquetSource(session.caller, table)
    source.check_format()
    keys = [str(key["Name"]).lower() for key in table.get("PartitionKeys", ())]
    codec = parquet_write.codec_of(str((table.get("Parameters") or {}).get("parquet.compression", "gzip")))
    with session.answered(statement.sql) as answer:
        chunks = fitted(answer, source.schema, statement.columns)
        objects = parquet_write.write(session.caller, str(table["StorageDescriptor"]["Location"]), chunks, keys, codec)
    register(session.caller, table, keys, objects)
    return Written(sum(one.rows for one in objects), tuple(one.location for one in objects))


def target(caller: Caller, database: str, name: str) -> dict[str, Any]:
    """The table that rows are to be written to. Raises QueryFailed if there is none, or if it is a view."""
    table = glue_table(caller, database, name)
    if table is None:
        raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: Table '{CATALOG}.{database}.{name}' does not exist")
    if is_view(table):
        raise QueryFailed("NOT_SUPPORTED: line 1:1: Inserting into views is not supported")
    return table


def register(
    caller: Caller, table: Mapping[str, Any], keys: list[str], objects: Iterable[parquet_write.WrittenObject]
) -> None:
    """Make the partitions of new objects known to the catalog; those that are known stay."""
    if not keys or str((table.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true":
        return
    storage = dict(table["StorageDescriptor"])
    for values, location in {one.values: one.location.rpartition("/")[0] + "/" for one in objects}.items():
        given = {"Values": list(values), "StorageDescriptor": storage | {"Location": location}}
        try:
            caller.glue.create_partition(
                DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionInput=given
            )
        except ClientError as error:
            if code_of(error) != "AlreadyExistsException":
                raise told(error) from error
