"""A local cloud for the tests of push to deploy: the real host, on a state folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lakectl.demo.workplace import Workplace
from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[2]
HOME, OTHER, REGION = "000000000000", "000000000001", "eu-west-1"
LEFT_OUT = ("airports", "carrier_punctuality", "daily_delays", "flights", "planes", "weather")
"""One dataset of each team is enough here; the demonstration has all of them."""
ACROSS = f"""organisation: example
domain: lake
environments:
  dev: {{account: "{HOME}", region: {REGION}}}
  prod: {{account: "{OTHER}", region: {REGION}}}
dashboards: true
cicd: {{check: quick}}
"""
"""The pipelines are in the account of the first environment, and deploy to another one too."""
Client = Callable[..., Any]


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cloud")


@pytest.fixture(scope="session")
def running(state: Path) -> Iterator[cloud.Running]:
    if not cloud.environment_folder(ROOT).exists():
        pytest.fail("the local cloud's environment is not installed: run `make setup`")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LAKE_DECISIONS", "1")
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


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The clone of the story of a push, whose cloud writes down every decision that IAM takes."""
    made = Workplace(ROOT, tmp_path_factory.mktemp("push") / "clone", {"LAKE_DECISIONS": "1"})
    made.make()
    made.git("rm", "-rq", *(f"datasets/aviation/{name}" for name in LEFT_OUT))
    made.commit({"lake.yaml": ACROSS}, "A small lake, and production in an account of its own")
    made.up()
    made.lake("bootstrap", "--env", "dev")
    yield made
    made.down()
