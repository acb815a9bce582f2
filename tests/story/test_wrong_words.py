"""Wrong uses that only a deployed lake can answer; all others are in tests/unit/lakectl/wrong."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

pytestmark = pytest.mark.slow
WRONG = {
    "query 'selct 1'": ("Athena: ", "line 1:1", "selct"),
    "query 'select 1 from aviation.fligts'": ("TABLE_NOT_FOUND", "Did you mean 'aviation.flights'?"),
    "query 'select orgin from aviation.flights'": ("COLUMN_NOT_FOUND", "Did you mean 'origin'?"),
    "query 'select 1 from aviaton.flights'": ("aviaton", "Did you mean 'aviation'?"),
    "query 'select 1 from'": ("Athena: ", "line 1"),
    "query 'select nowhere' --json": ("COLUMN_NOT_FOUND", "nowhere"),
    "trace aviation/flights/none.csv": ("The lake was never told of s3://", "aviation/flights/none.csv", "aws s3 ls"),
    "trace s3://elsewhere/a.csv": ("nothing is known of objects in 'elsewhere'",),
    "invoke Route aviation/flights/none.csv": ("There is no s3://", "aviation/flights/none.csv", "aws s3 cp"),
    "invoke StageA aviation/flights/none.csv": ("The lake was never told of s3://",),
    "invoke StageA --replay 01NONE": ("No dataset has a batch 01NONE.", "lake trace <key>"),
    "invoke Register a.csv": ("Register is asked by CloudFormation", "--event FILE"),
    "invoke Gather aviation.fligts": ("'aviation.fligts' is not a dataset.", "Did you mean 'aviation.flights'?"),
    "run-state stage-b 'Plan rn' --event lake.json": ("no state 'Plan rn'.", "Did you mean 'Plan run'?"),
    "local logs stage-z": ("dev has no log 'stage-z'.", "aviation/stage-a"),
    "destroy lake-dev-evnts": ("dev has no stack 'lake-dev-evnts'.", "Did you mean 'lake-dev-events'?"),
    "destroy --json": ("nobody is here to be asked", "--yes"),
    "local reset": ("nobody is here to be asked", "--yes"),
    "verify --as aviaton": ("No owner 'aviaton'.", "Did you mean 'aviation'?"),
    "pipeline watch aviation": ("There is no pipeline yet.", "lake bootstrap"),
}
"""What is typed, and what the answer names: the wrong thing, and the next step."""


@pytest.mark.parametrize("typed", WRONG)
def test_a_deployed_lake_answers_a_wrong_use(lake: Any, typed: str) -> None:
    (lake.root / "lake.json").write_text("{}")
    said = " ".join(lake.command(*shlex.split(typed), expect=1).split())
    assert "Traceback" not in said
    assert [words for words in WRONG[typed] if words not in said] == [], said
