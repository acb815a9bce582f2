"""Eight clients of the local cloud, each in a process of its own, as eight producers or eight functions would be."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import boto3
from botocore.config import Config

CLIENTS = 8
_cloud: dict[str, str] = {}
Task = TypeVar("Task")


@contextmanager
def clients_of(endpoint: str, account: str, region: str) -> Iterator[ProcessPoolExecutor]:
    """Their processes, warm: every service has been asked once."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CLIENTS, context, _told, (endpoint, account, region)) as pool:
        list(pool.map(_warm, range(CLIENTS * 4)))
        yield pool


def everyone(pool: ProcessPoolExecutor, work: Callable[[Task], None], tasks: Sequence[Task]) -> None:
    """Have all tasks done by whoever is free."""
    list(pool.map(work, tasks))


@cache
def client(service: str) -> Any:
    """This process's client, made as a function makes its own."""
    settings = Config(retries={"mode": "standard", "total_max_attempts": 5}, s3={"addressing_style": "path"})
    who = {"aws_access_key_id": _cloud["account"], "aws_secret_access_key": "test"}
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=_cloud["region"],
        endpoint_url=_cloud["endpoint"],
        config=settings,
        **who,
    )


def _told(endpoint: str, account: str, region: str) -> None:
    _cloud.update(endpoint=endpoint, account=account, region=region)


def _warm(_: int) -> None:
    client("s3").list_buckets()
    client("sqs").list_queues()
    client("dynamodb").list_tables()
