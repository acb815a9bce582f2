"""What AWS asks of a caller beyond the one check that MiniStack makes, read from the request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakelocal.inside.door import Hook

HOOKS = (
    Hook("ministack.services.kms", "_resolve_key", ("key_id_or_arn",)),
    Hook("ministack.services.s3", "_bucket_default_sse_headers", ("bucket_name",)),
    Hook("ministack.services.s3", "_stored_sse_headers", ("obj",)),
    Hook("ministack.services.s3", "_multipart_uploads"),
    Hook("ministack.services.s3", "_object_versions"),
    Hook("ministack.services.s3", "_buckets"),
    Hook("ministack.services.sqs", "_queue_by_arn", ("arn",)),
    Hook("ministack.services.dynamodb", "_tables"),
)
KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it stands before IAM."""

    service: str
    action: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]
    region: str
    account: str

    def json(self) -> dict[str, Any]:
        try:
            document = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def parameter(self, name: str) -> str:
        value = self.query.get(name, "")
        return str(value[0] if isinstance(value, list) and value else value or "")


@dataclass(frozen=True, slots=True)
class Demand:
    """One more thing that the caller must be allowed to do."""

    action: str
    resource: str
    context: dict[str, object] = field(default_factory=dict)


def further(request: Request, resource: str) -> Iterator[Demand]:
    """The demands beside the request's own action on its own resource."""
    yield from PASSED_ROLES.get(request.action, _no_role)(request)
    if request.service == "s3":
        yield from _object_key_demands(request)
    elif request.service == "sqs":
        yield from _queue_key_demands(request, resource)
    elif request.service == "glue":
        yield from _catalog_demands(request)
    elif request.service == "dynamodb" and request.action.startswith("dynamodb:PartiQL"):
        for statement, values in statements(request)[1:]:
            yield statement_demand(request, statement, values)


# KMS behind S3 and SQS


def _object_key_demands(request: Request) -> Iterator[Demand]:
    bucket, _, key = request.path.lstrip("/").partition("/")
    if not key:
        return
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


def _queue_key_demands(request: Request, resource: str) -> Iterator[Demand]:
    from ministack.services import sqs

    actions = QUEUE_KEYS.get(request.action)
    queue = sqs._queue_by_arn(resource) if actions and resource.startswith("arn:") else None
    if actions and queue is not None:
        key = queue["attributes"].get("KmsMasterKeyId", "")
        yield from _key_demands(request, key, actions, "sqs", resource)


# Glue's catalog, database and table

TABLE_CALLS = re.compile(r"glue:(Batch)?(Create|Update|Delete|Get|Search)(Table|Partition|ColumnStatistics)")


def glue_resource(request: Request) -> str | None:
    """The resource that Glue names first for this action; None leaves MiniStack's answer."""
    data = request.json()
    prefix = f"arn:aws:glue:{request.region}:{request.account}"
    action = request.action
    if TABLE_CALLS.match(action) or "Database" in action:
        return f"{prefix}:catalog"
    if "Job" in action:
        name = data.get("JobName") or data.get("Name")
        return f"{prefix}:job/{name}" if name else "*"
    if "Crawler" in action:
        name = data.get("Name") or data.get("CrawlerName")
        return f"{prefix}:crawler/{name}" if name else "*"
    return None


def _catalog_demands(request: Request) -> Iterator[Demand]:
    data = request.json()
    prefix = f"arn:aws:glue:{request.region}:{request.account}"
    is_table = TABLE_CALLS.match(request.action)
    database = data.get("DatabaseName") or (data.get("DatabaseInput") or {}).get("Name")
    if not is_table and "Database" in request.action:
        database = database or data.get("Name")
    if not database:
        return
    yield Demand(request.action, f"{prefix}:database/{database}")
    if not is_table:
        return
    named = data.get("TableName") or (data.get("TableInput") or {}).get("Name")
    if "Table" in request.action.removesuffix("TableVersions"):
        named = named or data.get("Name")
    for table in data.get("TablesToDelete") or [named or "*"]:
        yield Demand(request.action, f"{prefix}:table/{database}/{table}")


# DynamoDB's leading keys and PartiQL

PARTIQL = re.compile(
    r"""\s*(?P<verb>SELECT|INSERT|UPDATE|DELETE)\b(?:.*?\bFROM\b|\s+INTO\b)?\s*"?(?P<table>[\w.-]+)""",
    re.IGNORECASE | re.DOTALL,
)


def statements(request: Request) -> list[tuple[str, list[Any]]]:
    """The PartiQL statements of a request with their parameters."""
    data = request.json()
    listed = data.get("Statements") or data.get("TransactStatements") or [data]
    return [
        (str(each.get("Statement", "")), each.get("Parameters") or [])
        for each in listed
        if isinstance(each, dict) and each.get("Statement")
    ]


def statement_demand(request: Request, statement: str, values: list[Any]) -> Demand:
    """The action, table and leading key of one PartiQL statement."""
    found = PARTIQL.match(statement)
    if found is None:
        return Demand("dynamodb:PartiQLSelect", "*")
    table = found["table"]
    arn = f"arn:aws:dynamodb:{request.region}:{request.account}:table/{table}"
    key = _statement_key(statement, values, _hash_key(table))
    context: dict[str, object] = {"dynamodb:leadingkeys": [key]} if key is not None else {}
    return Demand(f"dynamodb:PartiQL{found['verb'].capitalize()}", arn, context)


def _statement_key(statement: str, values: list[Any], name: str) -> str | None:
    """The value that a statement gives to the partition key, as a literal or by the nth question mark."""
    pattern = rf"""['"]?\b{re.escape(name)}\b['"]?\s*[:=]\s*(\?|'((?:[^']|'')*)')"""
    found = re.search(pattern, statement) if name else None
    if found is None:
        return None
    if found[1] != "?":
        return found[2].replace("''", "'")
    index = statement[: found.start(1)].count("?")
    return _scalar(values[index]) if index < len(values) else None


def leading_keys(body: bytes) -> list[str]:
    """The partition keys that a DynamoDB request names, for `dynamodb:LeadingKeys`."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return []
    return [key for key in _leading_keys(data) if key is not None] if isinstance(data, dict) else []


def _leading_keys(data: dict[str, Any]) -> Iterator[str | None]:
    table = data.get("TableName")
    if table:
        yield from _request_keys(str(table), data)
    for name, asked in (data.get("RequestItems") or {}).items():
        each = asked.get("Keys", []) if isinstance(asked, dict) else asked
        for entry in each:
            item = entry if isinstance(asked, dict) else next(iter(entry.values()))
            keyed = item if isinstance(asked, dict) else item.get("Item") or item.get("Key") or {}
            yield _scalar(keyed.get(_hash_key(name)))
    for entry in data.get("TransactItems") or []:
        for detail in entry.values():
            yield from _request_keys(str(detail.get("TableName", "")), detail)


def _request_keys(table: str, data: dict[str, Any]) -> Iterator[str | None]:
    name = _hash_key(table, str(data.get("IndexName") or ""))
    for holder in ("Item", "Key"):
        if isinstance(data.get(holder), dict):
            yield _scalar(data[holder].get(name))
    condition = data.get("KeyConditionExpression")
    if isinstance(condition, str):
        names = data.get("ExpressionAttributeNames") or {}
        values = data.get("ExpressionAttributeValues") or {}
        for left, right in re.findall(r"(#?[\w.-]+)\s*=\s*(:\w+)", condition):
            if names.get(left, left) == name:
                yield _scalar(values.get(right))


def _hash_key(table: str, index: str = "") -> str:
    from ministack.services import dynamodb

    record = dynamodb._tables.get(table.rsplit("/", 1)[-1]) or {}
    schema = record.get("KeySchema") or []
    if index:
        both = [*(record.get("GlobalSecondaryIndexes") or []), *(record.get("LocalSecondaryIndexes") or [])]
        schema = next((each["KeySchema"] for each in both if each.get("IndexName") == index), schema)
    return next((str(each["AttributeName"]) for each in schema if each.get("KeyType") == "HASH"), "")


def _scalar(value: object) -> str | None:
    if isinstance(value, dict) and len(value) == 1:
        kind, inner = next(iter(value.items()))
        return str(inner) if kind in ("S", "N", "B") else None
    return None


# Roles that are handed to a service


def _passing(member: str, principal: str) -> Any:
    def demands(request: Request) -> Iterator[Demand]:
        data = request.json()
        role: Any = data
        for part in member.split("."):
            role = role.get(part) if isinstance(role, dict) else None
        if role:
            arn = role if str(role).startswith("arn:") else f"arn:aws:iam::{request.account}:role/{role}"
            yield Demand("iam:PassRole", arn, {"iam:passedtoservice": principal})

    return demands


def _passing_targets(request: Request) -> Iterator[Demand]:
    for target in request.json().get("Targets") or []:
        if target.get("RoleArn"):
            yield Demand("iam:PassRole", target["RoleArn"], {"iam:passedtoservice": "events.amazonaws.com"})


def _no_role(request: Request) -> Iterator[Demand]:
    yield from ()


PASSED_ROLES: dict[str, Any] = {
    "lambda:CreateFunction": _passing("Role", "lambda.amazonaws.com"),
    "lambda:UpdateFunctionConfiguration": _passing("Role", "lambda.amazonaws.com"),
    "glue:CreateJob": _passing("Role", "glue.amazonaws.com"),
    "glue:UpdateJob": _passing("JobUpdate.Role", "glue.amazonaws.com"),
    "glue:CreateCrawler": _passing("Role", "glue.amazonaws.com"),
    "states:CreateStateMachine": _passing("roleArn", "states.amazonaws.com"),
    "states:UpdateStateMachine": _passing("roleArn", "states.amazonaws.com"),
    "scheduler:CreateSchedule": _passing("Target.RoleArn", "scheduler.amazonaws.com"),
    "events:PutTargets": _passing_targets,
}
