"""What a deployment does not do by itself: leave data behind, overwrite what was changed by hand, remove tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clone import Lake
from deploying.conftest import DATASET, Lives, planned, written
from lake.core.batch import Batch
from lake.core.run import Run
from lakectl.commands.plan import as_document
from lakectl.deployment import blueprint_for
from lakectl.opened import opened
from lakectl.plan.make import plan_for
from lakectl.plan.node import drawn, markdown, tree_of
from lakectl.stacks import stacks_of

pytestmark = pytest.mark.slow
READS = ("Describe", "Get", "List", "Head", "BatchGet", "Query")
QUEUE = "lake-dev-stage-b-aviation.Queue"
EXTRA = "gates"


@contextmanager
def changed(lake: Lake, file: str, old: str, new: str) -> Iterator[None]:
    path = lake.root / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        yield
    finally:
        path.write_text(before)


@contextmanager
def by_hand(lake: Lake, function: str) -> Iterator[None]:
    """Somebody gives a function another timeout, and takes that back afterwards."""
    client = lake.target.client("lambda")
    client.update_function_configuration(FunctionName=function, Timeout=77)
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=function, Timeout=60)


def queue_renamed(lake: Lake) -> Any:
    return changed(lake, "pipelines/stage-b.yaml", "${Team}-stage-b'", "${Team}-stage-bb'")


def test_a_plan_reads_and_never_writes(lake: Lake, first: Lives) -> None:
    calls: list[str] = []
    target = lake.target
    for service in ("cloudformation", "s3", "ssm", "dynamodb", "glue", "athena", "sts"):
        target.client(service).meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    with changed(lake, f"datasets/aviation/{DATASET}/dataset.yaml", "Full name", "Its full name"):
        blueprint = blueprint_for(target)
        plan = plan_for(target, blueprint, stacks_of(blueprint))
    assert [one.name for one in plan.changes] == [f"lake-dev-dataset-aviation-{DATASET}"]
    assert calls and [call for call in calls if not call.startswith(READS)] == []


@contextmanager
def published(lake: Lake, objects: int) -> Iterator[None]:
    """The ledger knows of a batch that a run published by the version that stands; it is forgotten afterwards."""
    found, at = opened(lake.target), datetime(2026, 3, 1, tzinfo=UTC)
    config = found.registry.current(f"aviation/{DATASET}")
    run = found.ledger.runs.make(Run("aviation", DATASET, 99, config, "asked", at, "published"))
    batch = Batch("aviation", DATASET, "b99", config, objects, 4096, at, "assigned", run=run.id)
    found.ledger.batches.make(batch)
    try:
        yield
    finally:
        for kind, name in (("B", batch.id), ("R", run.id)):
            key = {"pk": {"S": f"aviation/{DATASET}#{kind}"}, "sk": {"S": name}}
            table = lake.target.setting("ledger", "platform", "ledger-table")
            lake.target.client("dynamodb").delete_item(TableName=table, Key=key)


def test_a_plan_counts_what_a_backfill_would_make_again(lake: Lake, first: Lives) -> None:
    written(lake)
    file, calls, target = f"datasets/aviation/{DATASET}/dataset.yaml", list[str](), lake.target
    with published(lake, 3), changed(lake, file, "mode: replace", "mode: replace, sort: [carrier]"):
        target.client("dynamodb").meta.events.register("before-call", lambda model, **_: calls.append(model.name))
        blueprint = blueprint_for(target)
        plan = plan_for(target, blueprint, stacks_of(blueprint))
    (change,) = as_document(plan)["changes"]
    assert change["backfill"]["again"] == {"batches": 1, "objects": 3, "bytes": 4096}
    words = "1 of 1 published batch would come out differently: 3 objects, 4.1 kB, arrived on 2026-03-01"
    assert any(words in line for line, _ in drawn(tree_of(plan)))
    assert words in markdown(tree_of(plan))
    assert calls.count("Query") == 2 and set(calls) <= {"Query", "GetItem"}


def test_a_replacement_of_what_holds_data_is_refused_until_it_is_named(lake: Lake, first: Lives) -> None:
    with queue_renamed(lake):
        for verb in ("plan", "deploy"):
            said = " ".join(lake.command(verb, expect=1).split())
            assert f"{QUEUE} (AWS::SQS::Queue): QueueName can only be set when it is made" in said
        lake.command("plan", "--allow-replacement", QUEUE, expect=2)
    assert lake.target.setting("stage-b", "aviation", "queue-url").endswith("-stage-b")


def test_a_plan_ends_with_two_where_there_are_changes_and_with_one_where_it_is_used_wrongly(
    lake: Lake, first: Lives
) -> None:
    with changed(lake, "foundations/arrivals.yaml", "MemorySize: 1024", "MemorySize: 1536"):
        assert "RouteFunction" in lake.command("plan", expect=2)
        assert "- &#126; RouteFunction" in lake.command("plan", "--markdown", expect=2)
        document = json.loads(lake.command("plan", "--json", expect=2))
    (stack,) = document["changes"]
    function, version, alias = stack["resources"]
    release, memory = function["differences"]
    assert release["path"] == "Description" and memory == {"path": "MemorySize", "before": 1024, "after": 1536}
    assert (version["name"], version["action"], version["leaves_data"]) == ("RouteVersion", "replace", False)
    assert (alias["name"], alias["action"]) == ("RouteLive", "change")
    assert "No such option" in lake.command("plan", "--quickly", expect=1)


def test_what_was_changed_by_hand_is_shown_and_overwritten_only_when_told(lake: Lake, first: Lives) -> None:
    function = lake.target.setting("arrivals", "platform", "route-function")
    client = lake.target.client("lambda")
    with by_hand(lake, function), changed(lake, "foundations/arrivals.yaml", "MemorySize: 1024", "MemorySize: 1536"):
        said = " ".join(lake.command("deploy", expect=1).split())
        assert "lake-dev-arrivals.RouteFunction (AWS::Lambda::Function): Timeout is 77, not 60" in said
        assert client.get_function_configuration(FunctionName=function)["MemorySize"] == 1024
        lake.command("deploy", "--overwrite-drift", "lake-dev-arrivals.RouteFunction")
        assert client.get_function_configuration(FunctionName=function)["MemorySize"] == 1536
    assert written(lake) == ["lake-dev-arrivals"]


def test_a_dataset_whose_folder_is_gone_loses_its_stack_and_keeps_its_table(lake: Lake, first: Lives) -> None:
    folder = _copied(lake)
    stack = f"lake-dev-dataset-aviation-{EXTRA}"
    assert written(lake) == [stack]
    shutil.rmtree(folder)
    (change,) = planned(lake).changes
    assert (change.name, change.action) == (stack, "remove")
    found = lake.json("deploy")
    assert (found["written"], found["removed"]) == ([], [stack])
    lake.target.client("glue").get_table(DatabaseName="lake_dev_aviation", Name=EXTRA)
    assert planned(lake).changes == ()


def _copied(lake: Lake) -> Path:
    """Another dataset, with the first one's files."""
    folder = lake.root / "datasets/aviation" / EXTRA
    shutil.copytree(folder.parent / DATASET, folder)
    file = folder / "dataset.yaml"
    file.write_text(file.read_text().replace(f"dataset: {DATASET}", f"dataset: {EXTRA}"))
    return folder
