"""What a double leaves is taken out: objects, claim, tables, files. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial

from botocore.exceptions import ClientError

from lake.core.errors import LakeError
from lake.gateways.dynamo import Table
from lakectl.branch.name import number_in
from lakectl.failure import Failure
from lakectl.smoke import registration
from lakectl.specs.name import DOUBLE
from lakectl.target import Target

ZONES = ("raw", "stage", "analytics")
QUARANTINE = "_quarantine"
PARTS = ("B", "W", "R", "H")
"""What the ledger keeps of a dataset beside its objects: batches, those that wait, runs, and the run that goes on."""
LONGEST = timedelta(hours=2)
"""No verification takes so long: a double that is older was left by one that was killed."""
KEPT = timedelta(days=7)
"""How long a branch that nobody deploys anew stands: a forgotten one shall cost nothing."""


def take_out(target: Target, team: str, double: str) -> None:
    """Remove all of a double but its object's line in the ledger. Objects go first, by version: no delete is told.

    What cannot be removed keeps nothing else; its compiled file then stays as well, for who looks for what is left.
    Raises Failure with all that went wrong.
    """
    raw, stage, analytics = (target.setting("storage", "platform", f"{zone}-bucket") for zone in ZONES)
    artifacts, database = target.setting("artifacts", "platform", "bucket"), target.setting("team", team, "database")
    tables = (double, f"{double}{QUARANTINE}")
    steps: list[Callable[[], None]] = [
        lambda: _erase(target, raw, f"{team}/{double}/"),
        lambda: registration.ask(target, "Delete", team, double),
        lambda: _forget(target, team, double),
        *(partial(_drop, target, database, table) for table in tables),
        *(partial(_erase, target, analytics, f"{team}/{table}/") for table in tables),
        lambda: _erase(target, stage, f"{team}/{double}/"),
    ]
    trouble = [said for step in steps if (said := _said(step))]
    if trouble:
        raise Failure("; ".join(trouble))
    _erase(target, artifacts, f"datasets/{team}/{double}/")


def left_over(target: Target, team: str, now: datetime, closed: Collection[str] = ()) -> Iterator[str]:
    """The doubles of a team that a verification left which did not live, or was not able, to take them out.

    Those of branches are left over when their pull request is among the closed, or their time is up.
    """
    bucket = target.setting("artifacts", "platform", "bucket")
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"datasets/{team}/")
    for page in pages:
        for one in page.get("Contents", []):
            name = one["Key"].split("/")[2]
            if DOUBLE not in name:
                continue
            number, age = number_in(name), now - one["LastModified"]
            if number in closed or age > (KEPT if number else LONGEST):
                yield name


def _said(step: Callable[[], None]) -> str:
    """What went wrong."""
    try:
        step()
    except (Failure, LakeError, ClientError) as error:
        return str(error)
    return ""


def _forget(target: Target, team: str, double: str) -> None:
    """No run of a double is tried again, and no batch of it waits."""
    table = Table(target.client("dynamodb"), target.setting("ledger", "platform", "ledger-table"))
    for part in PARTS:
        items = table.query(f"{team}/{double}#{part}")
        table.delete_all([(str(item["pk"]), str(item["sk"])) for item in items])


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
