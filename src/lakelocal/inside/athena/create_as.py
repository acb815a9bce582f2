"""CREATE TABLE AS SELECT: a new table of Parquet files, or a new Iceberg table, with a query's rows.

Properties: https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from lakelocal.inside.athena import ddl, dml, iceberg_ddl, iceberg_write, parquet_write
from lakelocal.inside.athena.catalog import glue_table, need_database
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.fitting import fitted
from lakelocal.inside.athena.insert import register
from lakelocal.inside.athena.query import Answer
from lakelocal.inside.athena.session import Session, Written
from lakelocal.inside.athena.type_name import hive_name
from lakelocal.inside.athena.view import CATALOG

_ICEBERG = ("table_type", "is_external", "location", "format", "partitioning", "write_compression")
_PARQUET = ("table_type", "format", "external_location", "partitioned_by", "write_compression", "parquet_compression")
_TRANSFORM = re.compile(r"(\w+)\(\s*(?:(\d+)\s*,\s*)?(\w+)\s*\)")
_SERDE = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


def run(session: Session, statement: dml.CreateTableAs) -> Written:
    """Make the table and fill it; a query that fails leaves no table."""
    database, name = session.placed(statement.table)
    need_database(session.caller, database)
    if glue_table(session.caller, database, name) is not None:
        raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: Table '{CATALOG}.{database}.{name}' already exists")
    iceberg = str(statement.properties.get("table_type", "hive")).lower() == "iceberg"
    _check(statement.properties, _ICEBERG if iceberg else _PARQUET, iceberg)
    with session.answered(statement.sql) as answer:
        schema = _schema(answer)
        if iceberg:
            return _iceberg(session, statement, (database, name), answer, schema)
        return _parquet(session, statement, (database, name), answer, schema)


def _check(properties: Mapping[str, dml.Property], known: tuple[str, ...], iceberg: bool) -> None:
    for key in properties:
        if key not in known and not (iceberg and key.startswith(("vacuum_", "optimize_"))):
            raise QueryFailed(
                f"INVALID_TABLE_PROPERTY: not built in the local Athena: the table property '{key}'. "
                f"Known: {', '.join(known)}"
            )
    if str(properties.get("format", "PARQUET")).upper() != "PARQUET":
        raise QueryFailed(
            f"NOT_SUPPORTED: not built in the local Athena: format = '{properties['format']}'. Use 'PARQUET'."
        )


def _schema(answer: Answer) -> pa.Schema:
    names = [column.name.lower() for column in answer.columns]
    for at, name in enumerate(names):
        if name == f"_col{at}":
            raise QueryFailed(f"MISSING_COLUMN_NAME: Column name not specified at position {at + 1}")
        if name in names[:at]:
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: Column name '{name}' specified more than once")
    kinds = [
        pa.int64() if column.type == "bigint" else kind
        for column, kind in zip(answer.columns, answer.schema.types, strict=True)
    ]
    return pa.schema(list(zip(names, kinds, strict=True)))


def _iceberg(
    session: Session, statement: dml.CreateTableAs, table: tuple[str, str], answer: Answer, schema: pa.Schema
) -> Written:
    properties = statement.properties
    location = str(properties.get("location", ""))
    if not location or str(properties.get("is_external", "true")).lower() != "false":
        raise QueryFailed(
            "INVALID_TABLE_PROPERTY: An Iceberg table needs is_external = false and location = 's3://…' in WITH (…)"
        )
    parquet_write.need_empty(session.caller, location, f"table '{table[0]}.{table[1]}'")
    columns = tuple(ddl.Column(field.name, hive_name(field.type)) for field in schema)
    partitions = tuple(_partition(text) for text in _listed(properties, "partitioning"))
    kept = {
        key: str(value) for key, value in properties.items() if key not in ("location", "partitioning", "is_external")
    }
    iceberg_ddl.create(session.caller, table[0], ddl.CreateIceberg(table, columns, location, partitions, None, kept))
    try:
        loaded = session.caller.catalog.load_table(table)
        chunks = fitted(answer, iceberg_write.arrow_schema(loaded)) if statement.with_data else ()
        return iceberg_write.append(loaded, chunks)
    except Exception:
        iceberg_ddl.drop(session.caller, *table, location)
        raise


def _partition(text: str) -> ddl.Partition:
    found = _TRANSFORM.fullmatch(text.strip().lower())
    if not found:
        return ddl.Partition(text.strip().lower())
    if found[1] not in ("year", "month", "day", "hour", "bucket", "truncate"):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: '{text}' is not a partition. Known: month(c), bucket(8, c), …")
    if found[1] in ("bucket", "truncate"):
        return ddl.Partition(found[3], found[1], int(found[2] or 0))
    return ddl.Partition(found[3], found[1])


def _parquet(
    session: Session, statement: dml.CreateTableAs, table: tuple[str, str], answer: Answer, schema: pa.Schema
) -> Written:
    properties = statement.properties
    location = _location(session, properties)
    parquet_write.need_empty(session.caller, location, f"table '{table[0]}.{table[1]}'")
    keys = [key.lower() for key in _listed(properties, "partitioned_by")]
    if keys and schema.names[-len(keys) :] != keys:
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: the partition keys {keys} must be the last columns, in this order")
    codec = str(properties.get("write_compression", properties.get("parquet_compression", "gzip")))
    given = _table_input(table[1], schema, keys, location, codec)
    chunks = fitted(answer, schema) if statement.with_data else ()
    objects = parquet_write.write(session.caller, location, chunks, keys, parquet_write.codec_of(codec))
    session.caller.glue.create_table(DatabaseName=table[0], TableInput=given)
    register(session.caller, given | {"DatabaseName": table[0]}, keys, objects)
    return Written(sum(one.rows for one in objects), tuple(one.location for one in objects))


def _location(session: Session, properties: Mapping[str, dml.Property]) -> str:
    asked = str(properties.get("external_location", ""))
    if asked and session.enforced:
        raise QueryFailed(
            "INVALID_TABLE_PROPERTY: The Create Table As Select query failed because it was submitted with an "
            "'external_location' property to an Athena Workgroup that enforces a centralized output location for all "
            "queries. Please remove the 'external_location' property and resubmit the query."
        )
    return f"{asked or f'{session.output}/tables/{session.number}'}".rstrip("/") + "/"


def _listed(properties: Mapping[str, dml.Property], key: str) -> tuple[str, ...]:
    found = properties.get(key, ())
    if isinstance(found, str):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: {key} takes ARRAY['…'], not '{found}'")
    return found


def _table_input(name: str, schema: pa.Schema, keys: list[str], location: str, codec: str) -> dict[str, Any]:
    columns = [{"Name": field.name, "Type": hive_name(field.type)} for field in schema]
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "parquet.compression": codec.upper()},
        "PartitionKeys": columns[len(columns) - len(keys) :],
        "StorageDescriptor": {"Columns": columns[: len(columns) - len(keys)], "Location": location, **_SERDE},
    }
