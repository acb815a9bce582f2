"""Results in S3: the CSV that Athena writes, and its rows read back for GetQueryResults."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import InvalidRequest, QueryFailed
from lakelocal.inside.athena.printed import ResultColumn, printer
from lakelocal.inside.athena.query import Answer

_CELL = re.compile(r'(?:"((?:[^"]|"")*)")?([,\n])')

Row = list[str | None]


def write_csv(answer: Answer, out: BinaryIO) -> None:
    """Every cell quoted, NULL as nothing at all, a header first."""
    out.write(_line([column.name for column in answer.columns]))
    printers = [printer(field.type) for field in answer.schema]
    for batch in answer.batches:
        cells = [
            [None if value is None else show(value) for value in column.to_pylist()]
            for show, column in zip(printers, batch.columns, strict=True)
        ]
        out.write(b"".join(_line(row) for row in zip(*cells, strict=True)))


def read_csv(text: str) -> list[Row]:
    """The rows of such a file, header included."""
    rows: list[Row] = []
    row: Row = []
    for found in _CELL.finditer(text):
        row.append(None if found[1] is None else found[1].replace('""', '"'))
        if found[2] == "\n":
            rows.append(row)
            row = []
    return rows


def read_text(text: str) -> list[Row]:
    """The rows of a DDL result: one cell a line."""
    return [[line] for line in text.splitlines()]


def put(caller: Caller, location: str, body: Any, encryption: dict[str, str] | None) -> None:
    """Write one object of a result, encrypted as the work group or the request says."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    extra: dict[str, str] = {}
    option = (encryption or {}).get("EncryptionOption")
    if option == "SSE_S3":
        extra["ServerSideEncryption"] = "AES256"
    elif option in ("SSE_KMS", "CSE_KMS"):
        extra["ServerSideEncryption"] = "aws:kms"
        if key_id := (encryption or {}).get("KmsKey"):
            extra["SSEKMSKeyId"] = key_id
    try:
        caller.s3.put_object(Bucket=bucket, Key=key, Body=body, **extra)
    except ClientError as error:
        raise QueryFailed(
            f"Access denied when writing output to url: {location} . Please ensure you are allowed to access the S3 "
            "bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access your "
            "KMS key"
        ) from error


def metadata(columns: Iterable[ResultColumn]) -> bytes:
    """What `<id>.csv.metadata` holds: the columns, as JSON."""
    return json.dumps({"ColumnInfo": [column.info() for column in columns]}).encode()


class Pages:
    """The last few results that were asked for, so that each page does not read the whole object again."""

    def __init__(self, most_cells: int = 4_000_000) -> None:
        self._most = most_cells
        self._lock = threading.Lock()
        self._results: dict[str, tuple[str, list[Row]]] = {}

    def rows(self, caller: Caller, location: str) -> list[Row]:
        """The rows at this location; S3 is asked each time whether the caller may read them."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        try:
            tag = caller.s3.head_object(Bucket=bucket, Key=key)["ETag"]
            kept = self._results.get(location)
            if kept and kept[0] == tag:
                return kept[1]
            text = caller.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        except ClientError as error:
            raise InvalidRequest(f"Could not read the query's results at {location}: {error}") from error
        rows = read_csv(text) if location.endswith(".csv") else read_text(text)
        with self._lock:
            self._results[location] = (tag, rows)
            while len(self._results) > 1 and sum(_cells(found) for _, found in self._results.values()) > self._most:
                self._results.pop(next(iter(self._results)))
        return rows


def _cells(rows: Sequence[Row]) -> int:
    return len(rows) * len(rows[0]) if rows else 1


def _line(cells: Sequence[str | None]) -> bytes:
    return (",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells) + "\n").encode()
