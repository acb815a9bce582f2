"""What is in the local cloud: stacks, queues with their depths, runs that are under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore.config import Config

from lakelocal.cloud import SECRET, Running

DEPTHS = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
UNDER_WAY = ("STARTING", "RUNNING", "STOPPING", "WAITING")


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    waiting: int
    in_flight: int
    delayed: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a Glue job or of EMR Serverless, or an execution of a state machine."""

    kind: str
    of: str
    id: str
    state: str


@dataclass(frozen=True, slots=True)
class Status:
    stacks: tuple[Stack, ...]
    queues: tuple[Queue, ...]
    runs: tuple[Run, ...]


def status(running: Running) -> Status:
    """Ask the local cloud what is there."""
    return Status(tuple(_stacks(running)), tuple(_queues(running)), tuple(_runs(running)))


def to_json(found: Status) -> dict[str, list[dict[str, Any]]]:
    """The same as plain values, one list for each part."""
    return {
        "stacks": [asdict(each) for each in found.stacks],
        "queues": [asdict(each) for each in found.queues],
        "runs": [asdict(each) for each in found.runs],
    }


def _client(running: Running, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=running.endpoint,
        region_name=running.region,
        aws_access_key_id=running.account,
        aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 1}, inject_host_prefix=False),
    )


def _pages(client: Any, operation: str, member: str, **asked: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page.get(member, [])


def _stacks(running: Running) -> Iterator[Stack]:
    for each in _pages(_client(running, "cloudformation"), "describe_stacks", "Stacks"):
        yield Stack(each["StackName"], each["StackStatus"])


def _queues(running: Running) -> Iterator[Queue]:
    sqs = _client(running, "sqs")
    for url in _pages(sqs, "list_queues", "QueueUrls"):
        names = list(DEPTHS.values())
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        counts = {name: int(found.get(attribute, 0)) for name, attribute in DEPTHS.items()}
        yield Queue(url.rsplit("/", 1)[-1], **counts)


def _runs(running: Running) -> Iterator[Run]:
    emr = _client(running, "emr-serverless")
    for application in _pages(emr, "list_applications", "applications"):
        for run in _pages(emr, "list_job_runs", "jobRuns", applicationId=application["id"]):
            if run["state"] in ("SUBMITTED", *UNDER_WAY, "CANCELLING"):
                yield Run("EMR Serverless run", application["name"], run["id"], run["state"])
    glue = _client(running, "glue")
    for job in _pages(glue, "get_jobs", "Jobs"):
        for run in _pages(glue, "get_job_runs", "JobRuns", JobName=job["Name"]):
            if run["JobRunState"] in UNDER_WAY:
                yield Run("glue job", job["Name"], run["Id"], run["JobRunState"])
    states = _client(running, "stepfunctions")
    for machine in _pages(states, "list_state_machines", "stateMachines"):
        arn = machine["stateMachineArn"]
        for each in _pages(states, "list_executions", "executions", stateMachineArn=arn, statusFilter="RUNNING"):
            yield Run("execution", machine["name"], each["name"], each["status"])
