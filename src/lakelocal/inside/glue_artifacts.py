"""The files of a job, fetched from S3 with the credentials of its role and kept by what they contain."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


class Unfetched(Exception):
    """An object that a job needs cannot be read by the job's role."""


class Artifacts:
    """A folder of files named by their SHA-256: a job's jars and scripts have the same path in every run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str, str], Path] = {}
        self._lock = threading.Lock()

    def fetch(self, s3: Any, uri: str) -> Path:
        """The local file of an object as it is now. Asks S3 every time, so a permission that was lost is missed.

        Raises Unfetched.
        """
        bucket, key = _parts(uri)
        with self._lock:
            try:
                answer = s3.get_object(Bucket=bucket, Key=key)
                version = (uri, answer["ETag"], answer.get("VersionId") or "")
                known = self._known.get(version)
                if known is not None and known.exists():
                    answer["Body"].close()
                    return known
                path = self._keep(answer["Body"].read(), key.rpartition("/")[2])
            except (ClientError, BotoCoreError) as error:
                raise Unfetched(f"{uri}: {error}") from error
            self._known[version] = path
            return path

    def _keep(self, body: bytes, name: str) -> Path:
        path = self._folder / hashlib.sha256(body).hexdigest()[:24] / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f"{name}.{os.getpid()}.partial")
            partial.write_bytes(body)
            partial.replace(path)
        return path


def _parts(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme not in ("s3", "s3a") or not bucket or not key or key.endswith("/"):
        raise Unfetched(f"{uri!r} is not the URI of an S3 object: write s3://bucket/key.")
    return bucket, key
