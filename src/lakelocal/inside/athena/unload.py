"""UNLOAD: a query's rows as Parquet objects, without a table."""

from __future__ import annotations

import pyarrow as pa

from lakelocal.inside.athena import dml, parquet_write
from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.fitting import fitted
from lakelocal.inside.athena.session import Session, Written

_KNOWN = ("format", "compression", "partitioned_by")


def run(session: Session, statement: dml.Unload) -> Written:
    """Write the rows to the location, which must be empty."""
    properties = statement.properties
    for key in properties:
        if key not in _KNOWN:
            raise QueryFailed(
                f"NOT_SUPPORTED: not built in the local Athena: '{key}' of UNLOAD. Known: {', '.join(_KNOWN)}"
            )
    if str(properties.get("format", "")).upper() != "PARQUET":
        said = properties.get("format", "no format")
        raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: UNLOAD as {said}. Use format = 'PARQUET'.")
    keys = properties.get("partitioned_by", ())
    if isinstance(keys, str):
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: partitioned_by takes ARRAY['…'], not '{keys}'")
    codec = parquet_write.codec_of(str(properties.get("compression", "gzip")))
    parquet_write.need_empty(session.caller, statement.location, "UNLOAD")
    with session.answered(statement.sql) as answer:
        names = [column.name for column in answer.columns]
        if keys and names[-len(keys) :] != list(keys):
            raise QueryFailed(f"INVALID_TABLE_PROPERTY: the partition keys {list(keys)} must be the last columns")
        kinds = [
            pa.int64() if column.type == "bigint" else kind
            for column, kind in zip(answer.columns, answer.schema.types, strict=True)
        ]
        chunks = fitted(answer, pa.schema(list(zip(names, kinds, strict=True))))
        objects = parquet_write.write(session.caller, statement.location, chunks, keys, codec)
    return Written(sum(one.rows for one in objects), tuple(one.location for one in objects))
