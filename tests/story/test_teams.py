"""Two teams on one lake: both work, and no role of one reaches anything of the other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from grants import SHARED, deployed, roles_in
from intruder import Belongings, become, refusal

from lakectl.lint.project import read_project

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT).below("foundations/", "team/", "pipelines/", "datasets/")
ROLES = [(template.path, role) for template, role in roles_in(PROJECT) if not template.path.startswith(SHARED)]
SAMPLE = ROOT / "datasets/rail/departures/sample/departures.csv"
DATASETS = {"aviation": "flights", "rail": "departures"}
KEY = f"rail/departures/{SAMPLE.name}"
PATIENCE = 60.0
SESSION = boto3.Session()


@pytest.fixture(scope="module")
def both(lake: Any, journey: Any) -> dict[str, Belongings]:
    """What belongs to each team once both have published and asked."""
    lake.command("drop", str(SAMPLE), "--dataset", "rail.departures")
    deadline = time.monotonic() + PATIENCE
    while lake.states(KEY) != ["staged"]:
        assert time.monotonic() < deadline, f"rail's file was not staged: {lake.states(KEY)}"
        time.sleep(0.2)
    lake.command("run", "rail.departures")
    return {team: Belongings(lake.target, team, dataset) for team, dataset in DATASETS.items()}


def test_both_teams_publish_and_ask_on_one_lake(lake: Any, both: dict[str, Belongings]) -> None:
    rows = len(SAMPLE.read_text().splitlines()) - 1
    assert lake.query("select count(*) as n from rail.departures") == [{"n": rows}]
    assert lake.query("select count(*) as n from aviation.airlines") != [{"n": 0}]
    assert lake.states(KEY) == ["published"]


@pytest.mark.parametrize(("template", "role"), ROLES, ids=lambda part: part if part.endswith("Role") else "")
@pytest.mark.parametrize(("ours", "theirs"), [("aviation", "rail"), ("rail", "aviation")])
def test_a_role_of_one_team_reaches_nothing_of_the_other(
    lake: Any, both: dict[str, Belongings], ours: str, theirs: str, template: str, role: str
) -> None:
    intruder = become(lake.target, deployed(lake.target, template, role, ours), SESSION)
    for attempt in intruder.attempts(both[theirs]):
        said = refusal(attempt)
        assert attempt.action in said, f"{role} of {ours} may {attempt.action} on {attempt.resource} of {theirs}"
        assert attempt.resource in said


def test_a_role_uses_the_items_of_its_own_team(lake: Any, both: dict[str, Belongings]) -> None:
    gather = become(lake.target, deployed(lake.target, "pipelines/stage-b.yaml", "GatherRole", "rail"), SESSION)
    table, key = both["rail"].shared("ledger", "ledger-table"), {"pk": {"S": "rail/departures"}, "sk": {"S": "head"}}
    assert gather.client("dynamodb").get_item(TableName=table, Key=key)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("ours", "theirs"), [("aviation", "rail"), ("rail", "aviation")])
def test_readers_of_one_team_do_not_query_the_other_from_their_own_work_group(
    lake: Any, both: dict[str, Belongings], ours: str, theirs: str
) -> None:
    role = deployed(lake.target, "team/template.yaml", "ReaderRole", ours)
    reader = become(lake.target, role, SESSION).client("athena")
    database = both[theirs].setting("team", "database")
    query = reader.start_query_execution(
        QueryString=f"select * from {database}.{DATASETS[theirs]}", WorkGroup=both[ours].setting("team", "workgroup")
    )["QueryExecutionId"]
    deadline = time.monotonic() + PATIENCE
    while True:
        status = reader.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status["State"] == "FAILED"
    assert "glue:Get" in status["StateChangeReason"], status
    assert "not authorized to perform" in status["StateChangeReason"]
