"""What was heard on the bus while the journey was made: real events, each as its schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lakectl.demo.flights import TRUNCATED_DAY
from lakectl.opened import opened

pytestmark = pytest.mark.slow
SCHEMAS = Path(__file__).parents[2] / "schemas/events"
Heard = list[dict[str, Any]]


@pytest.fixture(scope="module")
def heard(lake: Any, journey: Any, ear: str) -> Heard:
    """Every event so far, in the order of the queue."""
    found: Heard = []
    sqs = lake.target.client("sqs")
    while True:
        got = sqs.receive_message(QueueUrl=ear, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        if not got:
            return found
        found += [json.loads(one["Body"]) for one in got]
        for one in got:
            sqs.delete_message(QueueUrl=ear, ReceiptHandle=one["ReceiptHandle"])


def of(heard: Heard, kind: str) -> list[dict[str, Any]]:
    return [event["detail"] for event in heard if event["detail-type"] == kind]


def test_every_event_is_as_its_schema_says(heard: Heard) -> None:
    schemas = [json.loads(file.read_text()) for file in sorted(SCHEMAS.glob("*.json"))]
    by_kind = {schema["title"]: Draft202012Validator(schema) for schema in schemas}
    assert {event["detail-type"] for event in heard} == set(by_kind)
    assert {event["source"] for event in heard} == {"lakewright"}
    wrong = [error.message for event in heard for error in by_kind[event["detail-type"]].iter_errors(event["detail"])]
    assert wrong == []


def test_every_batch_and_every_run_is_told(heard: Heard, lake: Any) -> None:
    ledger = opened(lake.target).ledger
    told = {(one["dataset"], one["batch"]) for one in of(heard, "Batch staged")}
    runs = {(one["dataset"], one["run"], one["status"]) for one in of(heard, "Run ended")}
    for name in ("flights", "airports", "airlines"):
        assert {(name, batch.id) for batch in ledger.batches.all(f"aviation/{name}")} <= told
        ended = {(name, run.id, run.status) for run in ledger.runs.newest(f"aviation/{name}")}
        assert ended <= runs


def test_only_the_object_that_could_not_be_read_has_an_event_of_its_own(heard: Heard) -> None:
    ended = [one for told in of(heard, "Objects ended") for one in told["objects"]]
    assert [(one["key"], one["end"], one["reason"]) for one in ended] == [
        (f"aviation/flights/{TRUNCATED_DAY}-copy.csv.gz", "rejected", "CORRUPT")
    ]


def test_rules_are_judged_in_both_zones(heard: Heard) -> None:
    zones = {rule["zone"] for told in of(heard, "Quality judged") for rule in told["rules"]}
    assert zones == {"stage", "analytics"}
