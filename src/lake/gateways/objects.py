"""Objects in S3: pinned versions in, our own files out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from lake.core.arrival import Arrival
from lake.core.errors import LakeError, Rejected, TryAgain
from lake.gateways.trouble import asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE = 1024 * 1024
WHOLE = 256 * PIECE
"""Files up to this size are written at once, larger ones in parts of it."""
MISSING = {"NoSuchKey", "NoSuchVersion", "404", "NotFound", "MethodNotAllowed", "PreconditionFailed"}
"""What S3 says of a version that is not there, or not that one any more (a delete marker gives MethodNotAllowed)."""


class Gone(LakeError):
    """The object, or this version of it, does not exist."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One version in a bucket, as listing shows it."""

    key: str
    version: str
    size: int
    etag: str
    at: datetime
    deleted: bool
    newest: bool


class Objects(Protocol):
    def fetch(self, arrival: Arrival, to: Path) -> None:
        """Bring exactly this version to a local file. Raises Gone, or Rejected where S3 keeps it out of reach."""

    def read(self, bucket: str, key: str) -> bytes:
        """A whole small object. Raises Gone."""

    def write(self, bucket: str, key: str, content: bytes) -> None: ...

    def create(self, bucket: str, key: str, content: bytes) -> bool:
        """Write unless the key exists; whether it did."""

    def store(self, bucket: str, key: str, file: Path) -> None:
        """Write a local file of any size."""

    def versions(self, bucket: str, prefix: str) -> Iterator[Listed]:
        """All versions and delete markers of keys under a prefix."""


class S3Objects:
    def __init__(self, client: S3Client) -> None:
        self._client = client

    def fetch(self, arrival: Arrival, to: Path) -> None:
        which = f"s3://{arrival.bucket}/{arrival.key} version {arrival.version}"
        pin: dict[str, Any] = {"VersionId": arrival.version} if arrival.version != "null" else {"IfMatch": arrival.etag}
        try:
            answer = self._client.get_object(Bucket=arrival.bucket, Key=arrival.key, **pin)
            with to.open("wb") as file:
                for piece in answer["Body"].iter_chunks(PIECE):
                    file.write(piece)
        except ClientError as error:
            if code_of(error) in MISSING:
                raise Gone(f"{which} does not exist any more") from error
            if code_of(error) == "InvalidObjectState":
                raise Rejected("NOT_RETRIEVABLE", f"{which} is archived: restore it, then replay it") from error
            with asking(f"reading {which}"):
                raise
        except (BotoCoreError, OSError) as error:
            raise TryAgain(f"reading {which}: {type(error).__name__}: {error}") from error

    def read(self, bucket: str, key: str) -> bytes:
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if code_of(error) in MISSING:
                raise Gone(f"s3://{bucket}/{key} does not exist") from error
            with asking(f"reading s3://{bucket}/{key}"):
                raise
        except BotoCoreError as error:
            raise TryAgain(f"reading s3://{bucket}/{key}: {error}") from error

    def write(self, bucket: str, key: str, content: bytes) -> None:
        with asking(f"writing s3://{bucket}/{key}"):
            self._client.put_object(Bucket=bucket, Key=key, Body=content)

    def create(self, bucket: str, key: str, content: bytes) -> bool:
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=content, IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) == "PreconditionFailed":
                return False
            with asking(f"creating s3://{bucket}/{key}"):
                raise
        return True

    def store(self, bucket: str, key: str, file: Path) -> None:
        with asking(f"writing s3://{bucket}/{key}"):
            if file.stat().st_size <= WHOLE:
                with file.open("rb") as content:
                    self._client.put_object(Bucket=bucket, Key=key, Body=content)
            else:
                self._store_in_parts(bucket, key, file)

    def _store_in_parts(self, bucket: str, key: str, file: Path) -> None:
        """boto3 is imported here alone: botocore does all else, and starts sooner."""
        from boto3.exceptions import S3UploadFailedError
        from boto3.s3.transfer import S3Transfer, TransferConfig

        # 10,000 parts make an object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
        parts: Any = TransferConfig(multipart_threshold=WHOLE, multipart_chunksize=WHOLE)
        try:
            S3Transfer(self._client, parts).upload_file(str(file), bucket, key)
        except S3UploadFailedError as error:
            raise TryAgain(f"writing s3://{bucket}/{key}: {error}") from error

    def versions(self, bucket: str, prefix: str) -> Iterator[Listed]:
        with asking(f"listing s3://{bucket}/{prefix}"):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                for found in page.get("Versions", []):
                    etag = found["ETag"].strip('"')
                    yield Listed(
                        found["Key"],
                        found["VersionId"],
                        found["Size"],
                        etag,
                        found["LastModified"],
                        False,
                        found["IsLatest"],
                    )
                for gone in page.get("DeleteMarkers", []):
                    yield Listed(gone["Key"], gone["VersionId"], 0, "", gone["LastModified"], True, gone["IsLatest"])


class MemoryObjects:
    """Each bucket keeps all versions of a key; `now` stamps them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], list[tuple[Listed, bytes]]] = {}

    def put(self, bucket: str, key: str, version: str, content: bytes, at: datetime, deleted: bool = False) -> None:
        """What a producer does: a new version, or a delete marker."""
        kept = self._kept.setdefault((bucket, key), [])
        kept.append((Listed(key, version, len(content), "", at, deleted, True), content))

    def erase(self, bucket: str, key: str, version: str) -> None:
        """Remove one version for good."""
        self._kept[bucket, key] = [one for one in self._kept[bucket, key] if one[0].version != version]

    def fetch(self, arrival: Arrival, to: Path) -> None:
        for listed, content in self._kept.get((arrival.bucket, arrival.key), []):
            if listed.version == arrival.version and not listed.deleted:
                to.write_bytes(content)
                return
        raise Gone(f"s3://{arrival.bucket}/{arrival.key} version {arrival.version} does not exist any more")

    def read(self, bucket: str, key: str) -> bytes:
        kept = self._kept.get((bucket, key))
        if not kept or kept[-1][0].deleted:
            raise Gone(f"s3://{bucket}/{key} does not exist")
        return kept[-1][1]

    def write(self, bucket: str, key: str, content: bytes) -> None:
        self._kept[bucket, key] = []
        self.put(bucket, key, "null", content, datetime.min)

    def create(self, bucket: str, key: str, content: bytes) -> bool:
        if (bucket, key) in self._kept:
            return False
        self.write(bucket, key, content)
        return True

    def store(self, bucket: str, key: str, file: Path) -> None:
        self.write(bucket, key, file.read_bytes())

    def versions(self, bucket: str, prefix: str) -> Iterator[Listed]:
        for (owner, key), kept in sorted(self._kept.items()):
            if owner == bucket and key.startswith(prefix):
                for listed, _ in reversed(kept):
                    yield Listed(*_fields(listed), newest=listed is kept[-1][0])


def _fields(listed: Listed) -> tuple[str, str, int, str, datetime, bool]:
    return (listed.key, listed.version, listed.size, listed.etag, listed.at, listed.deleted)


def uri(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"


def json_bytes(value: object) -> bytes:
    """Canonical JSON: the same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(objects: Objects, bucket: str, key: str) -> Any:
    return json.loads(objects.read(bucket, key))


def address(text: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URI."""
    bucket, _, key = text.removeprefix("s3://").partition("/")
    return bucket, key


def write_json(objects: Objects, bucket: str, key: str, value: Mapping[str, Any]) -> None:
    objects.write(bucket, key, json_bytes(value))
