"""OPTIMIZE and VACUUM of Iceberg tables, by the properties that Athena knows.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import sqlglot
from botocore.exceptions import ClientError
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakelocal.inside.athena import dml, iceberg_write
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import is_iceberg
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.insert import target
from lakelocal.inside.athena.pushdown import row_filter
from lakelocal.inside.athena.session import Session, Written

LARGEST = 512 * 2**20
DEFAULTS = {
    "optimize_rewrite_min_data_file_size_bytes": LARGEST * 3 // 4,
    "optimize_rewrite_max_data_file_size_bytes": LARGEST * 9 // 5,
    "optimize_rewrite_data_file_threshold": 5,
    "optimize_rewrite_delete_file_threshold": 2,
    "vacuum_min_snapshots_to_keep": 1,
    "vacuum_max_snapshot_age_seconds": 432_000,
}


def optimize(session: Session, statement: dml.Optimize) -> Written:
    """Rewrite small files, and those with many delete files, partition by partition; the rows stay what they are."""
    table = _loaded(session, statement.table, "OPTIMIZE")
    settings = _settings(table)
    conditions = _partition_conditions(table, statement.where)
    fields = {field.name.lower(): field for field in table.schema().fields}
    tasks = list(table.scan(row_filter=row_filter(conditions, fields)).plan_files())
    chosen = [task for group in _by_partition(tasks) for task in _worth_it(group, settings)]
    if not chosen:
        return Written()
    session.scanned(sum(task.file.file_size_in_bytes for task in chosen))
    scan = ArrowScan(table.metadata, table.io, table.schema(), AlwaysTrue())
    schema = iceberg_write.arrow_schema(table)
    written = iceberg_write.replace(table, [task.file for task in chosen], [scan.to_table(chosen).cast(schema)])
    return Written(None, written.files)


def _by_partition(tasks: Iterable[Any]) -> Iterable[list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for task in tasks:
        groups[task.file.spec_id, str(task.file.partition)].append(task)
    return groups.values()


def _worth_it(tasks: list[Any], settings: Mapping[str, int]) -> list[Any]:
    small = [
        task
        for task in tasks
        if not settings["optimize_rewrite_min_data_file_size_bytes"]
        <= task.file.file_size_in_bytes
        <= settings["optimize_rewrite_max_data_file_size_bytes"]
    ]
    enough = small if len(small) >= settings["optimize_rewrite_data_file_threshold"] else []
    deleted = [task for task in tasks if len(task.delete_files) >= settings["optimize_rewrite_delete_file_threshold"]]
    return [*enough, *(task for task in deleted if task not in enough)]


def _partition_conditions(table: Any, where: str) -> list[exp.Expression]:
    if not where.strip():
        return []
    try:
        condition = sqlglot.parse_one(where, read="trino")
    except SqlglotError as error:
        raise QueryFailed(f"SYNTAX_ERROR: the condition of OPTIMIZE cannot be read: {error}") from error
    identity = {
        table.schema().find_column_name(field.source_id)
        for field in table.spec().fields
        if str(field.transform) == "identity"
    }
    for column in condition.find_all(exp.Column):
        if column.name.lower() not in identity:
            raise QueryFailed(
                f"NOT_SUPPORTED: the condition of OPTIMIZE takes partition columns only, not '{column.name}'"
            )
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    fields = {field.name.lower(): field for field in table.schema().fields}
    if any(row_filter([part], fields) == AlwaysTrue() for part in parts):
        raise QueryFailed("NOT_SUPPORTED: not built in the local Athena: this condition of OPTIMIZE. Use c = value.")
    return parts


def vacuum(session: Session, statement: dml.Vacuum) -> Written:
    """Forget old snapshots, then delete the objects below the table's location that nothing names any more."""
    table = _loaded(session, statement.table, "VACUUM")
    settings = _settings(table)
    cutoff = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=settings["vacuum_max_snapshot_age_seconds"])
    old = _old_snapshots(table, cutoff, settings["vacuum_min_snapshots_to_keep"])
    if old:
        expiring = table.maintenance.expire_snapshots()
        for number in old:
            expiring = expiring.by_id(number)
        expiring.commit()
        table = _loaded(session, statement.table, "VACUUM")
    _delete_orphans(session.caller, table.location(), _named(table), cutoff)
    return Written()


def _old_snapshots(table: Any, cutoff: dt.datetime, least: int) -> list[int]:
    heads = {ref.snapshot_id for ref in table.metadata.refs.values()}
    newest = sorted(table.snapshots(), key=lambda one: one.timestamp_ms, reverse=True)
    kept = heads | {one.snapshot_id for one in newest[: max(least, 1)]}
    before = cutoff.timestamp() * 1000
    return [one.snapshot_id for one in newest if one.timestamp_ms < before and one.snapshot_id not in kept]


def _named(table: Any) -> set[str]:
    """Every object that the table's metadata names."""
    metadata = table.metadata
    found = {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    found |= {one.statistics_path for one in metadata.statistics}
    for snapshot in table.snapshots():
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in found:
                found.add(manifest.manifest_path)
                entries = manifest.fetch_manifest_entry(table.io, discard_deleted=True)
                found |= {entry.data_file.file_path for entry in entries}
    return found


def _delete_orphans(caller: Caller, location: str, named: set[str], cutoff: dt.datetime) -> None:
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not prefix.strip("/"):
        raise QueryFailed(f"GENERIC_INTERNAL_ERROR: Path missing in file system location: s3://{bucket}")
    pages = caller.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix.rstrip('/')}/")
    for page in pages:
        keys = [
            {"Key": found["Key"]}
            for found in page.get("Contents", ())
            if f"s3://{bucket}/{found['Key']}" not in named and found["LastModified"] < cutoff
        ]
        if keys:  # who may not delete them keeps them, and VACUUM succeeds all the same, as on AWS
            with suppress(ClientError):
                caller.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _loaded(session: Session, name: tuple[str | None, str], what: str) -> Any:
    table = target(session.caller, *session.placed(name))
    if not is_iceberg(table):
        raise QueryFailed(f"NOT_SUPPORTED: {what} needs an Iceberg table")
    return session.caller.catalog._convert_glue_to_iceberg(table)


def _settings(table: Any) -> dict[str, int]:
    found = dict(DEFAULTS)
    for key in DEFAULTS:
        said = table.properties.get(key)
        if said is not None:
            if not str(said).isdigit():
                raise QueryFailed(f"INVALID_TABLE_PROPERTY: {key} = '{said}' is not a number")
            found[key] = int(said)
    return found
