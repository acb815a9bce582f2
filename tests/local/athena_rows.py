"""Run by the cloud's own environment: append rows to an Iceberg table, or write them as one Parquet object.

Reads one JSON object: endpoint, account, region, csv (a header, then rows; an empty cell is NULL), and
either `table` (database.name) or `object` (bucket/key).
"""

from __future__ import annotations

import io
import json
import sys

import boto3
import pyarrow.csv
import pyarrow.parquet
from pyiceberg.catalog.glue import GlueCatalog


def main() -> None:
    asked = json.load(sys.stdin)
    clients = {
        "region_name": asked["region"],
        "endpoint_url": asked["endpoint"],
        "aws_access_key_id": asked["account"],
        "aws_secret_access_key": "test",
    }
    if "object" in asked:
        bucket, _, key = asked["object"].partition("/")
        body = io.BytesIO()
        pyarrow.parquet.write_table(_rows(asked["csv"], None), body)
        boto3.client("s3", **clients).put_object(Bucket=bucket, Key=key, Body=body.getvalue())
        return
    storage = {
        "s3.endpoint": asked["endpoint"],
        "s3.region": asked["region"],
        "s3.access-key-id": asked["account"],
        "s3.secret-access-key": "test",
    }
    table = GlueCatalog("glue", client=boto3.client("glue", **clients), **storage).load_table(asked["table"])
    table.append(_rows(asked["csv"], table.schema().as_arrow()))


def _rows(csv: str, schema: pyarrow.Schema | None) -> pyarrow.Table:
    options = pyarrow.csv.ConvertOptions(
        column_types=schema, strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    rows = pyarrow.csv.read_csv(io.BytesIO(csv.encode()), convert_options=options)
    return rows.cast(schema) if schema else rows


if __name__ == "__main__":
    main()
