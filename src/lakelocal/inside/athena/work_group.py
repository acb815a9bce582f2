"""What a work group says of its queries: where results go, what they may scan, whether it is asked at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import InvalidRequest


def settings_of(name: str) -> dict[str, Any]:
    """Its configuration. Raises InvalidRequest if it is not there or is disabled."""
    from ministack.services import athena

    athena._ensure_default_workgroup()
    found = athena._workgroups.get(name)
    if found is None:
        raise InvalidRequest(f"WorkGroup {name} is not found.")
    if found.get("State") == "DISABLED":
        raise InvalidRequest(f"WorkGroup {name} is disabled.")
    return found.get("Configuration") or found.get("WorkGroupConfiguration") or {}


def enforced(settings: Mapping[str, Any]) -> bool:
    return str(settings.get("EnforceWorkGroupConfiguration", False)).lower() == "true"


def cutoff(settings: Mapping[str, Any]) -> int | None:
    """The most bytes that one query may scan. A number that came through a stack's parameter is text."""
    found = settings.get("BytesScannedCutoffPerQuery")
    return int(found) if found else None


def output(given: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Where results go and how they are encrypted: the work group's word counts if it is enforced."""
    asked = dict(given.get("ResultConfiguration") or {})
    settled = dict(settings.get("ResultConfiguration") or {})
    chosen = settled if enforced(settings) else {**settled, **asked}
    location = str(chosen.get("OutputLocation") or "")
    if not location:
        raise InvalidRequest(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    if not location.startswith("s3://"):
        raise InvalidRequest(f"outputLocation is not a valid S3 path: {location}")
    return chosen


def check_output(caller: Caller, location: str) -> None:
    """Raise InvalidRequest unless the bucket exists and the caller may find it."""
    bucket = location.removeprefix("s3://").partition("/")[0]
    try:
        caller.s3.get_bucket_location(Bucket=bucket)
    except ClientError as error:
        raise InvalidRequest(f"Unable to verify/create output bucket {bucket}") from error
