"""Partitions of plain tables: ALTER TABLE ADD PARTITION and MSCK REPAIR TABLE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import code_of, is_iceberg, partitions_of
from lakelocal.inside.athena.failure import ddl_failed


def add(caller: Caller, statement: ddl.AddPartition, database: str, table: Mapping[str, Any]) -> None:
    """Register the partitions that the statement names."""
    keys = _keys(table)
    for values, location in statement.partitions:
        if sorted(values) != sorted(keys):
            raise ddl_failed(f"SemanticException Partition spec {dict(values)} does not fit the partition keys {keys}")
        folder = "/".join(f"{key}={values[key]}" for key in keys)
        where = location or f"{str(table['StorageDescriptor']['Location']).rstrip('/')}/{folder}"
        _register(caller, database, table, [values[key] for key in keys], where, quietly=statement.if_not_exists)


def repair(caller: Caller, database: str, table: Mapping[str, Any]) -> None:
    """Register every folder `key=value/…` below the table's location; what is registered stays."""
    if is_iceberg(table):
        raise ddl_failed("SemanticException MSCK REPAIR TABLE is not supported for Iceberg tables")
    keys = _keys(table)
    if not keys:
        return
    known = {tuple(found["Values"]) for found in partitions_of(caller, database, str(table["Name"]))}
    location = str(table["StorageDescriptor"]["Location"]).rstrip("/")
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    found: dict[tuple[str, ...], str] = {}
    for page in caller.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for one in page.get("Contents", ()):
            folders = one["Key"].removeprefix(f"{prefix}/").split("/")[: len(keys)]
            values = _values(folders, keys)
            if values and values not in known:
                found[values] = "/".join([location, *folders, ""])
    for values, where in sorted(found.items()):
        _register(caller, database, table, list(values), where, quietly=True)


def _keys(table: Mapping[str, Any]) -> list[str]:
    return [str(key["Name"]) for key in table.get("PartitionKeys", ())]


def _values(folders: list[str], keys: list[str]) -> tuple[str, ...]:
    """The values of folders that are named after the keys, in their order; nothing for others."""
    said = [folder.partition("=") for folder in folders]
    if [name for name, sign, _ in said if sign] != keys:
        return ()
    return tuple(unquote(value) for _, _, value in said)


def _register(
    caller: Caller, database: str, table: Mapping[str, Any], values: list[str], location: str, *, quietly: bool
) -> None:
    given = {"Values": values, "StorageDescriptor": dict(table["StorageDescriptor"]) | {"Location": location}}
    try:
        caller.glue.create_partition(DatabaseName=database, TableName=table["Name"], PartitionInput=given)
    except ClientError as error:
        if code_of(error) != "AlreadyExistsException":
            raise
        if not quietly:
            raise ddl_failed(f"AlreadyExistsException: Partition already exists: {values}") from error
