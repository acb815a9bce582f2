"""Rows into Parquet objects below a folder, one folder a partition, as Hive lays them out."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import QueryFailed, storage_refused
from lakelocal.inside.athena.printed import printer

CODECS = {"snappy": "snappy", "gzip": "gzip", "zstd": "zstd", "lz4": "lz4", "none": "none", "uncompressed": "none"}
NULL = "__HIVE_DEFAULT_PARTITION__"
MOST_PARTITIONS = 100
"""That one statement may write: https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html"""


@dataclass(frozen=True, slots=True)
class WrittenObject:
    """One object, and the values of its partition in the order of the keys."""

    location: str
    values: tuple[str, ...]
    rows: int


def write(
    caller: Caller, location: str, chunks: Iterable[pa.Table], keys: Sequence[str], codec: str
) -> list[WrittenObject]:
    """Write the rows below a location, without the columns that are partition keys."""
    found: list[WrittenObject] = []
    for chunk in chunks:
        for values, rows in _by_partition(chunk, keys):
            folder = "".join(f"{key}={quote(value)}/" for key, value in zip(keys, values, strict=True))
            where = f"{location.rstrip('/')}/{folder}{uuid.uuid4()}.parquet"
            _put(caller, where, rows, codec)
            found.append(WrittenObject(where, values, rows.num_rows))
            if len({one.values for one in found}) > MOST_PARTITIONS:
                raise QueryFailed(f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {MOST_PARTITIONS} open writers")
    return found


def need_empty(caller: Caller, location: str, what: str) -> None:
    """Raise QueryFailed if something lies there already."""
    bucket, prefix = _split(location)
    try:
        listed = caller.s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix.strip('/')}/", MaxKeys=1)
    except ClientError as error:
        raise storage_refused(location, str(error)) from error
    if listed.get("KeyCount"):
        raise QueryFailed(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for {what} already exists: {location}. Empty it first."
        )


def codec_of(said: str) -> str:
    """pyarrow's name of a compression. Raises QueryFailed for one that Parquet has not."""
    if said.lower() not in CODECS:
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: compression '{said}' of PARQUET. Known: {', '.join(CODECS)}")
    return CODECS[said.lower()]


def _by_partition(chunk: pa.Table, keys: Sequence[str]) -> Iterator[tuple[tuple[str, ...], pa.Table]]:
    if not keys:
        yield (), chunk
        return
    shown = {key: printer(chunk.schema.field(key).type) for key in keys}
    for distinct in chunk.select(keys).group_by(list(keys)).aggregate([]).to_pylist():
        mask: pa.Array | None = None
        for key in keys:
            value = distinct[key]
            same = pc.is_null(chunk[key]) if value is None else pc.equal(chunk[key], pa.scalar(value, chunk[key].type))
            mask = same if mask is None else pc.and_(mask, same)
        values = tuple(NULL if distinct[key] is None else shown[key](distinct[key]) for key in keys)
        yield values, chunk.filter(mask).drop_columns(list(keys))


def _put(caller: Caller, location: str, rows: pa.Table, codec: str) -> None:
    body = io.BytesIO()
    pq.write_table(rows, body, compression=codec)
    bucket, key = _split(location)
    try:
        caller.s3.put_object(Bucket=bucket, Key=key, Body=body.getvalue())
    except ClientError as error:
        raise storage_refused(location, str(error)) from error


def _split(location: str) -> tuple[str, str]:
    if not location.startswith("s3://"):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: '{location}' is not a location in S3")
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key
