"""What the job may not read, told before Spark asks: Iceberg tries a denied read again for a minute and a half."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from lake.core.errors import SpecError
from lake.core.run import Plan

ABSENT = ("EntityNotFoundException", "NoSuchKey", "NoSuchBucket")
"""What is not there is told by those who need it, in their own words."""


class TableUnreadable(SpecError):
    """The job's role may not read what a table's metadata lies in."""


def check_tables(glue: Any, s3: Any, plan: Plan) -> None:
    """Read a byte of every table that the plan names. Raises TableUnreadable."""
    for database, name in dict.fromkeys(tables_of(plan)):
        _check(glue, s3, database, name)


def tables_of(plan: Plan) -> Iterable[tuple[str, str]]:
    table = plan.dataset.table
    yield table.database, table.name
    yield table.database, table.quarantine
    for pinned in plan.inputs.values():
        database, _, name = pinned.table.partition(".")
        yield database, name


def _check(glue: Any, s3: Any, database: str, name: str) -> None:
    place = f"table {database}.{name} in the catalog"
    try:
        found = glue.get_table(DatabaseName=database, Name=name)["Table"].get("Parameters", {}).get("metadata_location")
        if not found:
            return
        place = found
        parts = urlsplit(found, allow_fragments=False)
        s3.get_object(Bucket=parts.netloc, Key=parts.path.removeprefix("/"), Range="bytes=0-0")
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return
        raise TableUnreadable(f"{error} (reading {place}). Give the job's role that right, then run again.") from error
