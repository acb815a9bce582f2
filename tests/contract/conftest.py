"""Every promise is kept by three: the fake, moto, and the local cloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
KEYS = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


@dataclass(frozen=True)
class Place:
    """Where a gateway lives: `memory`, or an AWS that makes clients."""

    name: str
    client: Callable[[str], Any]

    def table(self) -> str:
        name = f"t-{uuid4().hex[:12]}"
        self.client("dynamodb").create_table(TableName=name, **KEYS)
        return name

    def bucket(self) -> str:
        return versioned_bucket(self.client("s3"), f"b-{uuid4().hex[:12]}")


def versioned_bucket(s3: Any, name: str) -> str:
    region = s3.meta.region_name
    extra = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **extra)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def _no_client(service: str) -> Any:
    raise AssertionError(f"the fake has no {service}")


@pytest.fixture(params=["memory", "moto", pytest.param("cloud", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "memory":
        yield Place("memory", _no_client)
    elif request.param == "moto":
        with mock_aws():
            yield Place("moto", _moto)
    else:
        running = request.getfixturevalue("running_cloud")
        yield Place("cloud", lambda service: local_client(service, running))


def _moto(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def local_client(service: str, running: cloud.Running) -> Any:
    return boto3.client(
        service,
        region_name=running.region,
        endpoint_url=running.endpoint,
        aws_access_key_id=running.account,
        aws_secret_access_key=cloud.SECRET,
    )


@pytest.fixture(scope="session")
def running_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cloud.Running]:
    """A cloud of its own for these tests, with a state folder of its own."""
    state = tmp_path_factory.mktemp("cloud")
    yield cloud.up(ROOT, cold=True, state=state)
    cloud.down(ROOT, state=state)


os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
