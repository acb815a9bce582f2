"""What somebody of one team tries on what belongs to another: each attempt, and the words of its refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakectl.target import Target

ROOT = Path(__file__).parents[2]
DENIED = ("AccessDenied", "AuthorizationError")
DATASETS = {"aviation": "flights", "rail": "departures"}
"""What is another team's, for each team."""


@dataclass(frozen=True)
class Sample:
    """A dataset's own sample, as it is dropped."""

    team: str
    dataset: str

    @property
    def file(self) -> Path:
        (found,) = (ROOT / "datasets" / self.team / self.dataset / "sample").glob(f"{self.dataset}.*")
        return found

    @property
    def key(self) -> str:
        return f"{self.team}/{self.dataset}/{self.file.name}"


RAIL = Sample("rail", "departures")


@dataclass(frozen=True)
class Attempt:
    """One call on another team's resource: the action that IAM must name, and the resource or the end of it."""

    action: str
    resource: str
    call: Callable[..., Any]
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Belongings:
    """What is a team's in a deployed lake, by the names that its rooms wrote down."""

    target: Target
    team: str
    dataset: str
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def setting(self, room: str, thing: str) -> str:
        return self._once((room, self.team, thing), lambda: self.target.setting(room, self.team, thing))

    def shared(self, room: str, thing: str) -> str:
        return self._once((room, "platform", thing), lambda: self.target.setting(room, "platform", thing))

    def key_in(self, zone: str) -> str:
        """The key of some object of the team in a zone."""

        def found() -> str:
            bucket = self.shared("storage", f"{zone}-bucket")
            listed = self.target.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{self.team}/", MaxKeys=1)
            return str(listed["Contents"][0]["Key"])

        return self._once(("key", zone), found)

    def _once(self, name: tuple[str, ...], find: Callable[[], str]) -> str:
        if name not in self._known:
            self._known[name] = find()
        return self._known[name]

    @property
    def log_group(self) -> str:
        return f"/lake/{self.target.domain}/{self.target.environment}/{self.team}/gather"


@dataclass(frozen=True)
class Intruder:
    """A session of a role. `shared` is one session for all: it reads what botocore knows of a service only once."""

    target: Target
    keys: Mapping[str, str]
    shared: boto3.Session

    def client(self, service: str) -> Any:
        return self.shared.client(
            service,  # type: ignore[call-overload]
            region_name=self.target.region,
            endpoint_url=self.target.endpoint,
            aws_access_key_id=self.keys["AccessKeyId"],
            aws_secret_access_key=self.keys["SecretAccessKey"],
            aws_session_token=self.keys["SessionToken"],
        )

    def attempts(self, theirs: Belongings) -> Iterator[Attempt]:
        yield from self._on_objects(theirs)
        yield from self._on_items(theirs)
        yield from self._on_queues_and_keys(theirs)
        yield from self._on_tables(theirs)
        yield from self._on_machinery(theirs)

    def _on_objects(self, theirs: Belongings) -> Iterator[Attempt]:
        s3, prefix = self.client("s3"), f"{theirs.team}/"
        for zone in ("raw", "stage", "analytics", "results"):
            bucket, key = theirs.shared("storage", f"{zone}-bucket"), theirs.key_in(zone)
            arn = f"arn:aws:s3:::{bucket}"
            yield Attempt("s3:GetObject", f"{arn}/{key}", s3.get_object, {"Bucket": bucket, "Key": key})
            yield Attempt("s3:DeleteObject", f"{arn}/{key}", s3.delete_object, {"Bucket": bucket, "Key": key})
            new = {"Bucket": bucket, "Key": f"{prefix}intruder", "Body": b"1"}
            yield Attempt("s3:PutObject", f"{arn}/{prefix}intruder", s3.put_object, new)
            yield Attempt("s3:ListBucket", arn, s3.list_objects_v2, {"Bucket": bucket, "Prefix": prefix})

    def _on_items(self, theirs: Belongings) -> Iterator[Attempt]:
        dynamodb, path = self.client("dynamodb"), f"{theirs.team}/{theirs.dataset}"
        key = {"pk": {"S": path}, "sk": {"S": "head"}}
        asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": path}}}
        for thing in ("ledger-table", "registry-table"):
            table = theirs.shared("ledger", thing)
            named, arn = {"TableName": table}, f":table/{table}"
            yield Attempt("dynamodb:GetItem", arn, dynamodb.get_item, {**named, "Key": key})
            yield Attempt("dynamodb:PutItem", arn, dynamodb.put_item, {**named, "Item": key})
            yield Attempt("dynamodb:Query", arn, dynamodb.query, {**named, **asked})
            yield Attempt("dynamodb:Scan", arn, dynamodb.scan, named)
            many = {"RequestItems": {table: {"Keys": [key]}}}
            yield Attempt("dynamodb:BatchGetItem", arn, dynamodb.batch_get_item, many)

    def _on_queues_and_keys(self, theirs: Belongings) -> Iterator[Attempt]:
        sqs, kms, key = self.client("sqs"), self.client("kms"), theirs.setting("team", "key-arn")
        for room in ("stage-a", "stage-b"):
            named = {"QueueUrl": theirs.setting(room, "queue-url")}
            queue = f":{named['QueueUrl'].rsplit('/', 1)[-1]}"
            yield Attempt("sqs:SendMessage", queue, sqs.send_message, {**named, "MessageBody": "{}"})
            yield Attempt("sqs:ReceiveMessage", queue, sqs.receive_message, named)
            yield Attempt("sqs:GetQueueAttributes", queue, sqs.get_queue_attributes, named)
        secret = theirs.target.client("kms").encrypt(KeyId=key, Plaintext=b"1")["CiphertextBlob"]
        yield Attempt("kms:Decrypt", key, kms.decrypt, {"CiphertextBlob": secret, "KeyId": key})
        yield Attempt("kms:GenerateDataKey", key, kms.generate_data_key, {"KeyId": key, "KeySpec": "AES_256"})
        topic = theirs.setting("team", "alarms-topic-arn")
        yield Attempt("sns:Publish", topic, self.client("sns").publish, {"TopicArn": topic, "Message": "1"})

    def _on_tables(self, theirs: Belongings) -> Iterator[Attempt]:
        glue, database = self.client("glue"), theirs.setting("team", "database")
        table, group = {"Name": theirs.dataset}, theirs.setting("team", "workgroup")
        yield Attempt("glue:GetDatabase", ":", glue.get_database, {"Name": database})
        yield Attempt("glue:GetTable", ":", glue.get_table, {"DatabaseName": database, **table})
        yield Attempt("glue:UpdateTable", ":", glue.update_table, {"DatabaseName": database, "TableInput": table})
        asked = {"QueryString": f"select * from {database}.{theirs.dataset}", "WorkGroup": group}
        start = self.client("athena").start_query_execution
        yield Attempt("athena:StartQueryExecution", f"workgroup/{group}", start, asked)

    def _on_machinery(self, theirs: Belongings) -> Iterator[Attempt]:
        machine, job = theirs.setting("stage-b", "state-machine-arn"), theirs.setting("stage-b", "job-name")
        start = self.client("stepfunctions").start_execution
        yield Attempt("states:StartExecution", machine, start, {"stateMachineArn": machine, "input": "{}"})
        yield self._on_job(theirs, job)
        invoke = self.client("lambda").invoke
        for room, thing in (("stage-a", "function"), ("stage-b", "plan-function"), ("stage-b", "gather-function")):
            alias = theirs.setting(room, thing)
            yield Attempt("lambda:InvokeFunction", alias, invoke, {"FunctionName": alias})
        logs, named = self.client("logs"), {"logGroupName": theirs.log_group}
        yield Attempt("logs:FilterLogEvents", theirs.log_group, logs.filter_log_events, named)
        new = {**named, "logStreamName": "intruder"}
        yield Attempt("logs:CreateLogStream", theirs.log_group, logs.create_log_stream, new)

    def _on_job(self, theirs: Belongings, job: str) -> Attempt:
        if theirs.team != RAIL.team:
            return Attempt("glue:StartJobRun", f"job/{job}", self.client("glue").start_job_run, {"JobName": job})
        driver = {"sparkSubmit": {"entryPoint": theirs.setting("stage-b", "job-script")}}
        said = {
            "applicationId": job,
            "executionRoleArn": theirs.setting("stage-b", "job-role-arn"),
            "jobDriver": driver,
        }
        start = self.client("emr-serverless").start_job_run
        return Attempt("emr-serverless:StartJobRun", f"applications/{job}", start, said)


def refusal(attempt: Attempt) -> str:
    """The words in which an attempt was refused; empty if it was not."""
    try:
        attempt.call(**attempt.said)
    except ClientError as error:
        if any(code in error.response["Error"]["Code"] for code in DENIED):
            return str(error)
        raise
    return ""


def become(target: Target, role: str, shared: boto3.Session) -> Intruder:
    """A session of a role, whose trust is opened to people for as long as that takes."""
    iam = target.client("iam")
    trust = iam.get_role(RoleName=role)["Role"]
    people = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{target.account}:root"},
        "Action": "sts:AssumeRole",
    }
    usual = trust["AssumeRolePolicyDocument"]
    opened = {**usual, "Statement": [*usual["Statement"], people]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(opened))
    try:
        keys = target.client("sts").assume_role(RoleArn=trust["Arn"], RoleSessionName="intruder")["Credentials"]
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(usual))
    return Intruder(target, keys, shared)
