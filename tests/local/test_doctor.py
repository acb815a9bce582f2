"""What `lake doctor` asks of an account, and what the local cloud answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from lakectl.doctor import account
from lakectl.specs.load import load_lake
from lakectl.target import Target
from lakelocal import cloud
from local.arrange import make_bucket
from local.conftest import ROOT

pytestmark = pytest.mark.slow
Client = Callable[..., Any]


@pytest.fixture
def target(running: cloud.Running) -> Target:
    session = boto3.Session(running.account, cloud.SECRET, region_name=running.region)
    return Target(ROOT, "doctored", "dev", running.account, running.region, running.endpoint, session)


def test_an_account_is_held_against_what_the_lake_wants(target: Target) -> None:
    found = {one.name: one for one in account.look(target, load_lake(ROOT))}
    assert {name: one.found for name, one in found.items() if one.state == "mend"} == {}
    assert found["functions at a time"].state == "note", "the local cloud runs 16, and each team asks for more"
    assert found["functions at a time"].found.startswith("16 there")
    assert found["bucket raw"].found.endswith("-raw is free")
    assert {"functions at a time", "stacks", "roles", "Glue runs at a time", "Glue DPUs"} <= set(found)


def test_a_bucket_that_is_there_is_ours(target: Target, client: Client) -> None:
    make_bucket(client("s3"), f"doctored-dev-{target.account}-{target.region}-stage")
    found = {one.name: one for one in account.look(target, load_lake(ROOT))}
    assert found["bucket stage"].found.endswith("-stage is ours")


def test_credentials_of_another_account_end_the_questions(target: Target) -> None:
    (found,) = account.look(replace(target, account="999999999999"), load_lake(ROOT))
    assert (found.name, found.state) == ("credentials", "mend")
