"""Two teams on one lake: both work, and no role of one reaches anything of the other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from intruder import DATASETS, RAIL, Belongings, become, refusal
from rooms import SHARED, TEAMS, deployed

from lakectl.lint.project import read_project
from statements import roles_in

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT).below("foundations/", "team/", "pipelines/", "datasets/")
ROLES = [(template.path, role) for template, role in roles_in(PROJECT) if not template.path.startswith(SHARED)]
PAIRS = [("aviation", "rail"), ("rail", "aviation")]
CASES = [
    (ours, theirs, template, role)
    for ours, theirs in PAIRS
    for template, role in ROLES
    if TEAMS.get(template, ours) == ours
]
PATIENCE = 60.0
SESSION = boto3.Session()


def test_both_teams_publish_and_ask_on_one_lake(lake: Any, both: dict[str, Belongings]) -> None:
    """Rail's by EMR Serverless, aviation's by Glue: the same job, the same Spark."""
    rows = len(RAIL.file.read_text().splitlines()) - 1
    assert lake.query("select count(*) as n from rail.departures") == [{"n": rows}]
    assert lake.query("select count(*) as n from aviation.airlines") != [{"n": 0}]
    assert lake.states(RAIL.key) == ["published"]
    emr = lake.target.client("emr-serverless")
    runs = emr.list_job_runs(applicationId=both["rail"].setting("stage-b", "job-name"))["jobRuns"]
    assert [run["state"] for run in runs] == ["SUCCESS"]


@pytest.mark.parametrize(
    ("ours", "theirs", "template", "role"), CASES, ids=[f"{ours}-{role}" for ours, _, _, role in CASES]
)
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


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
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
