"""What a double leaves is taken out: objects, claim, tables, files. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from lakectl.failure import Failure
from lakectl.smoke import registration
from lakectl.specs.name import DOUBLE
from lakectl.target import Target

ZONES = ("raw", "stage", "analytics")
QUARANTINE = "_quarantine"
LONGEST = timedelta(hours=2)
"""No verification takes so long: a double that is older was left by one that was killed."""


def take_out(target: Target, team: str, double: str) -> None:
    """Remove all of a double but its lines in the ledger. Its objects go first, by version: no delete is told."""
    raw, stage, analytics = (target.setting("storage", "platform", f"{zone}-bucket") for zone in ZONES)
    _erase(target, raw, f"{team}/{double}/")
    registration.ask(target, "Delete", team, double)
    database = target.setting("team", team, "database")
    for table in (double, f"{double}{QUARANTINE}"):
        _drop(target, database, table)
        _erase(target, analytics, f"{team}/{table}/")
    _erase(target, stage, f"{team}/{double}/")
    _erase(target, target.setting("artifacts", "platform", "bucket"), f"datasets/{team}/{double}/")


def left_over(target: Target, team: str, now: datetime) -> Iterator[str]:
    """The doubles of a team that a verification left which did not live to take them out."""
    pages = (
        target.client("glue")
        .get_paginator("get_tables")
        .paginate(DatabaseName=target.setting("team", team, "database"))
    )
    for page in pages:
        for table in page["TableList"]:
            name = table["Name"]
            if DOUBLE in name and not name.endswith(QUARANTINE) and now - table.get("CreateTime", now) > LONGEST:
                yield name


def _drop(target: Target, database: str, table: str) -> None:
    try:
        target.client("glue").delete_table(DatabaseName=database, Name=table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise


def _erase(target: Target, bucket: str, prefix: str) -> None:
    """Remove every version of every object under a prefix that is a double's."""
    assert DOUBLE in prefix
    client = target.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        entries = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if not entries:
            continue
        refused = client.delete_objects(Bucket=bucket, Delete={"Objects": entries, "Quiet": True}).get("Errors")
        if refused:
            raise Failure(f"s3://{bucket}/{refused[0]['Key']} cannot be removed: {refused[0].get('Message', '')}")
