"""One version of one object that arrived in raw, and the order of versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote_plus

SEQUENCER_WIDTH = 32
"""S3 promises no length; today's sequencers have 16 to 18 digits. Padding makes them compare as strings."""

Kind = Literal["put", "delete"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object version as S3 announced it.

    `sequencer` is right-padded with zeros, as S3 asks before two are compared; it orders versions of one key only.
    `at` is when S3 took the object, in UTC: it never depends on when or how often we were told.
    """

    bucket: str
    key: str
    version: str
    sequencer: str
    size: int
    etag: str
    at: datetime
    kind: Kind = "put"

    @property
    def identity(self) -> str:
        """What names this version in the ledger's sort key."""
        return f"{self.sequencer}#{self.version}"

    @property
    def key_hash(self) -> str:
        return hash_of_key(self.bucket, self.key)


def hash_of_key(bucket: str, key: str) -> str:
    """A short, stable name for bucket and key: keys may hold anything, names of ours may not."""
    return hashlib.sha256(f"{bucket}\0{key}".encode()).hexdigest()[:32]


def padded(sequencer: str) -> str:
    return sequencer.upper().ljust(SEQUENCER_WIDTH, "0")


def arrivals_in(notification: Mapping[str, object]) -> list[Arrival]:
    """The arrivals in one S3 event notification; none for S3's own test event.

    Erasing one version for good is not the delete of its key: that is the marker's event, or one without a version.

    Format: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    records = notification.get("Records") or []
    if not isinstance(records, list):
        raise ValueError("an S3 notification holds a list of Records")
    return [_arrival(record) for record in records if record.get("eventSource") == "aws:s3" and _counts(record)]


def _counts(record: Mapping[str, Any]) -> bool:
    event = str(record["eventName"]).removeprefix("s3:")
    if event == "ObjectRemoved:Delete":
        return not record["s3"]["object"].get("versionId")
    return event.startswith(("ObjectCreated:", "ObjectRemoved:"))


def _arrival(record: Mapping[str, dict[str, dict[str, object]]]) -> Arrival:
    s3 = record["s3"]
    found = s3["object"]
    removed = str(record["eventName"]).removeprefix("s3:").startswith("ObjectRemoved")
    return Arrival(
        bucket=str(s3["bucket"]["name"]),
        key=unquote_plus(str(found["key"])),
        version=str(found.get("versionId") or "null"),
        sequencer=padded(str(found["sequencer"])),
        size=int(str(found.get("size") or 0)),
        etag=str(found.get("eTag") or ""),
        at=instant(str(record["eventTime"])),
        kind="delete" if removed else "put",
    )


def instant(text: str) -> datetime:
    """An ISO 8601 instant, in UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def arrival_to_json(arrival: Arrival) -> dict[str, object]:
    return {
        "bucket": arrival.bucket,
        "key": arrival.key,
        "version": arrival.version,
        "sequencer": arrival.sequencer,
        "size": arrival.size,
        "etag": arrival.etag,
        "at": arrival.at.isoformat(),
        "kind": arrival.kind,
    }


def arrival_from_json(entry: Mapping[str, object]) -> Arrival:
    return Arrival(
        bucket=str(entry["bucket"]),
        key=str(entry["key"]),
        version=str(entry["version"]),
        sequencer=str(entry["sequencer"]),
        size=int(str(entry["size"])),
        etag=str(entry["etag"]),
        at=instant(str(entry["at"])),
        kind="delete" if entry["kind"] == "delete" else "put",
    )
