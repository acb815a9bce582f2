"""The KMS keys behind objects and messages: who writes asks for a data key, who reads decrypts it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakelocal.inside.hook import Hook
from lakelocal.inside.request import Demand, Request

HOOKS = (
    Hook("ministack.services.kms", "_resolve_key", ("key_id_or_arn",)),
    Hook("ministack.services.s3", "_bucket_default_sse_headers", ("bucket_name",)),
    Hook("ministack.services.s3", "_stored_sse_headers", ("obj",)),
    Hook("ministack.services.s3", "_multipart_uploads"),
    Hook("ministack.services.s3", "_object_versions"),
    Hook("ministack.services.s3", "_buckets"),
    Hook("ministack.services.s3", "_bucket_owner_account", ("name",)),
    Hook("ministack.core.responses", "request_scope", ("account_id", "region")),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
)
KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def of_objects(request: Request) -> Iterator[Demand]:
    """The demands of one request; those of a bucket of another account are found there."""
    from ministack.core.responses import request_scope
    from ministack.services import s3

    bucket, _, key = request.path.lstrip("/").partition("/")
    if not key:
        return
    with request_scope(s3._bucket_owner_account(bucket) or request.account, request.region):
        yield from list(_of_object(request, bucket, key))


def _of_object(request: Request, bucket: str, key: str) -> Iterator[Demand]:
    action = request.action.removeprefix("s3:")
    arn = f"arn:aws:s3:::{bucket}/{key}"
    if action in ("GetObject", "GetObjectVersion") and not _object(bucket, key, request.parameter("versionId")):
        # without permission to list, S3 does not even say that a key or a version is missing; no prefix is named then
        yield Demand("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    if action in ("GetObject", "GetObjectVersion"):
        yield from _key_demands(request, _key_of_object(bucket, key, request), ("Decrypt",), "s3", arn)
    elif action == "PutObject":
        uploading = request.parameter("uploadId")
        actions = ("GenerateDataKey", "Decrypt") if uploading else ("GenerateDataKey",)
        yield from _key_demands(request, _key_of_write(bucket, uploading, request), actions, "s3", arn)
        source = request.headers.get("x-amz-copy-source", "").lstrip("/").split("?")[0]
        if source:
            from_bucket, _, from_key = source.partition("/")
            from_arn = f"arn:aws:s3:::{from_bucket}/{from_key}"
            found = _key_of_object(from_bucket, from_key, request)
            yield from _key_demands(request, found, ("Decrypt",), "s3", from_arn)


def _object(bucket: str, key: str, version: str = "") -> Any:
    from ministack.services import s3

    if version:
        kept = s3._object_versions.get((bucket, key)) or []
        return next((each for each in kept if each.get("version_id") == version), None)
    return ((s3._buckets.get(bucket) or {}).get("objects") or {}).get(key)


def _key_of_object(bucket: str, key: str, request: Request) -> str:
    from ministack.services import s3

    record = _object(bucket, key, request.parameter("versionId"))
    return str(s3._stored_sse_headers(record).get(KEY_HEADER, "")) if record else ""


def _key_of_write(bucket: str, upload: str, request: Request) -> str:
    from ministack.services import s3

    if upload:
        kept = s3._multipart_uploads.get(upload)
        return str(s3._stored_sse_headers(kept).get(KEY_HEADER, "")) if kept else ""
    if request.headers.get("x-amz-server-side-encryption"):
        return request.headers.get(KEY_HEADER, "")
    return str(s3._bucket_default_sse_headers(bucket).get(KEY_HEADER, ""))


def _key_demands(request: Request, key: str, actions: tuple[str, ...], via: str, arn: str) -> Iterator[Demand]:
    from ministack.services import kms

    record = kms._resolve_key(key) if key else None
    if record is None:
        return  # no key of the account's own: the service's key asks nothing of the caller
    context: dict[str, object] = {
        "kms:viaservice": f"{via}.{request.region}.amazonaws.com",
        "kms:calleraccount": request.account,
        f"kms:encryptioncontext:aws:{via}:arn": arn,
    }
    for action in actions:
        yield Demand(f"kms:{action}", record["Arn"], context)


QUEUE_KEYS = {
    "sqs:SendMessage": ("GenerateDataKey", "Decrypt"),
    "sqs:ReceiveMessage": ("Decrypt",),
}


def of_queues(request: Request, resource: str) -> Iterator[Demand]:
    from ministack.services import sqs

    actions = QUEUE_KEYS.get(request.action)
    queue = sqs._queue_by_arn(resource) if actions and resource.startswith("arn:") else None
    if actions and queue is not None:
        key = queue["attributes"].get("KmsMasterKeyId", "")
        yield from _key_demands(request, key, actions, "sqs", resource)
