"""Results in S3: the CSV that Athena writes, and its rows read back for GetQueryResults."""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import InvalidRequest, QueryFailed
from lakelocal.inside.athena.printed import ResultColumn, printer
from lakelocal.inside.athena.query import Answer

STEP = 100
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
    """The last few results that were asked for, kept as files, so that a page does not fetch the whole object again."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._results: dict[str, tuple[str, _Fetched]] = {}

    def rows(self, caller: Caller, location: str, first: int, count: int) -> list[Row]:
        """Some rows of the result at this location; S3 is asked each time whether the caller may read it."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        try:
            tag = caller.s3.head_object(Bucket=bucket, Key=key)["ETag"]
            with self._lock:
                kept = self._results.get(location)
                if kept is None or kept[0] != tag:
                    body = caller.s3.get_object(Bucket=bucket, Key=key)["Body"]
                    kept = self._results[location] = (tag, _Fetched(body, quoted=location.endswith(".csv")))
                while len(self._results) > self._most:
                    self._results.pop(next(iter(self._results)))
                return kept[1].rows(first, count)
        except ClientError as error:
            raise InvalidRequest(f"Could not read the query's results at {location}: {error}") from error


class _Fetched:
    """One result in a file without a name, and where every hundredth of its rows starts."""

    def __init__(self, body: Any, *, quoted: bool) -> None:
        self._quoted = quoted
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        self._starts = [0]
        for number, line in enumerate(self._written(body), 1):
            if number % STEP == 0:
                self._starts.append(self._starts[-1] + line)

    def _written(self, body: Any) -> Iterator[int]:
        """Copy the body; the bytes of every STEP rows, as they come."""
        quotes, taken, rows = 0, 0, 0
        for line in body.iter_lines(keepends=True):
            self._file.write(line)
            taken += len(line)
            quotes += line.count(b'"') if self._quoted else 0
            if quotes % 2 == 0:  # a line break inside of quotes ends no row
                rows += 1
                yield taken if rows % STEP == 0 else 0
                taken = taken if rows % STEP else 0

    def rows(self, first: int, count: int) -> list[Row]:
        block, skipped = divmod(first, STEP)
        if block >= len(self._starts):
            return []
        last = -(-(first + count) // STEP)
        end = self._starts[last] if last < len(self._starts) else -1
        self._file.seek(self._starts[block])
        text = self._file.read(end - self._starts[block] if end >= 0 else -1).decode()
        found = read_csv(text) if self._quoted else read_text(text)
        return found[skipped : skipped + count]


def _line(cells: Sequence[str | None]) -> bytes:
    return (",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells) + "\n").encode()
