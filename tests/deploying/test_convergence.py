"""Whoever kills a deployment, wherever: the next one goes on, and ends as if nothing had happened (F68)."""

from __future__ import annotations

from random import Random

import pytest

from clone import Lake
from deploying.conftest import Lives, deploy_through_deaths, planned, written
from lakectl import drift
from lakectl.stack_status import GOOD, deployed

pytestmark = pytest.mark.slow


def assert_whole(lake: Lake) -> None:
    """Every stack stands as the repository says, nobody changed it by hand, and there is nothing left to do."""
    standing = deployed(lake.target)
    assert {one.status for one in standing.values()} <= set(GOOD), standing
    assert drift.drift_of(lake.target, list(standing)) == []
    assert planned(lake).changes == ()
    assert written(lake) == []


def test_a_first_deployment_that_is_killed_again_and_again_ends_whole(lake: Lake, first: Lives) -> None:
    assert len(first.deaths) >= 3, "it was hardly killed: let it live shorter"
    assert_whole(lake)


def test_an_update_that_is_killed_again_and_again_ends_whole(lake: Lake, first: Lives) -> None:
    room, pipeline = lake.root / "foundations/arrivals.yaml", lake.root / "pipelines/standard.yaml"
    texts = {file: file.read_text() for file in (room, pipeline)}
    room.write_text(texts[room].replace("MemorySize: 1024", "MemorySize: 768"))
    pipeline.write_text(texts[pipeline].replace("workers: 2,", "workers: 3,"))
    try:
        lives = deploy_through_deaths(lake, Random(69), 10, 80)
        assert lives.deaths
        assert_whole(lake)
        name = lake.target.setting("arrivals", "platform", "route-function")
        assert lake.target.client("lambda").get_function_configuration(FunctionName=name)["MemorySize"] == 768
    finally:
        for file, text in texts.items():
            file.write_text(text)
        written(lake)
