"""A local cloud for the tests of push to deploy: the real host, on a state folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[2]
Client = Callable[..., Any]


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cloud")


@pytest.fixture(scope="session")
def running(state: Path) -> Iterator[cloud.Running]:
    if not cloud.environment_folder(ROOT).exists():
        pytest.fail("the local cloud's environment is not installed: run `make setup`")
    yield cloud.up(ROOT, cold=True, state=state)
    cloud.down(ROOT, state=state)


@pytest.fixture(scope="session")
def client(running: cloud.Running) -> Client:
    """A client as the account's root, or as the role whose keys are given."""

    def make(service: str, keys: dict[str, str] | None = None) -> Any:
        who = {"aws_access_key_id": running.account, "aws_secret_access_key": cloud.SECRET}
        if keys:
            who = {
                "aws_access_key_id": keys["AccessKeyId"],
                "aws_secret_access_key": keys["SecretAccessKey"],
                "aws_session_token": keys["SessionToken"],
            }
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False)
        return boto3.client(service, region_name=running.region, endpoint_url=running.endpoint, config=config, **who)

    return make
