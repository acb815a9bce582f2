"""A repository behind a connection: confirmed by a person, mirrored here; a push starts what it would on AWS."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from cicd.conftest import ROOT, Client
from cicd.workshop import commit, errors, executions, git, keys_of, until
from clone import copy_sources
from lakectl.main import main
from lakelocal import cloud
from local.arrange import role
from statements import case_of, recorded, replayed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
REPOSITORY = "example/hub"
LAKE = f"""organisation: example
domain: hub
environments:
  dev: {{account: "000000000000", region: eu-west-1}}
  prod: {{account: "123456789012", region: eu-west-1}}
cicd: {{provider: GitHub, repository: {REPOSITORY}, promote: [dev]}}
"""
PIPELINES = ("hub-aviation", "hub-platform", "hub-rail")
Say = Callable[..., str]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone whose lake comes from GitHub; it has no cloud of its own."""
    folder = tmp_path_factory.mktemp("hub")
    copy_sources(folder)
    shutil.copytree(ROOT / "templates", folder / "templates")
    commit(folder, {"lake.yaml": LAKE, ".gitignore": ".lake/\n"})
    return folder


@pytest.fixture
def lake(hub: Path, running: cloud.Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Type `lake …` there; what it printed."""
    monkeypatch.chdir(hub)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", running.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.SECRET)

    def say(*words: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["lake", *words])
        with pytest.raises(SystemExit) as done:
            main()
        found = capsys.readouterr()
        assert int(done.value.code or 0) == code, found.out + found.err
        return " ".join(f"{found.out} {found.err}".split())

    return say


def test_a_connection_is_refused_until_a_person_has_confirmed_it(client: Client, lake: Say, hub: Path) -> None:
    said = lake("bootstrap")
    assert "PENDING" in said
    assert "lake local connection confirm" in said
    assert standing(client) == []
    (made,) = client("codeconnections").list_connections()["Connections"]
    arn = made["ConnectionArn"]
    may = {"Action": "codeconnections:UseConnection", "Resource": arn}
    only = {"StringEquals": {"codeconnections:FullRepositoryId": REPOSITORY}}
    early(client, "early", arn, role(client("iam"), "codepipeline.amazonaws.com", allow=[{**may, "Condition": only}]))
    assert "is PENDING" in refused(client, "early")

    assert "123456789012 of AWS" in lake("local", "connection", "confirm", "--env", "prod", code=1)
    assert "Did you mean 'hub-source'" in lake("local", "connection", "confirm", "hub-sauce", code=1)
    assert "AVAILABLE" in lake("local", "connection", "confirm", "hub-source")
    assert "Nothing to do" in lake("local", "connection", "confirm", arn.rpartition("/")[2])
    early(client, "unborn", arn, role(client("iam"), "codepipeline.amazonaws.com", allow=[may]))
    assert "has no branch main" in refused(client, "unborn")
    only = {"StringEquals": {"codeconnections:FullRepositoryId": "example/another"}}
    early(client, "another", arn, role(client("iam"), "codepipeline.amazonaws.com", allow=[{**may, "Condition": only}]))
    assert "codeconnections:UseConnection" in refused(client, "another")


def test_a_push_to_the_mirror_starts_the_pipelines_of_what_it_changed(
    client: Client, lake: Say, hub: Path, running: cloud.Running
) -> None:
    keys = keys_of(running)
    git(hub, "push", "-q", "local", "main", keys=keys)
    assert "stacks written" in lake("bootstrap")
    first = git(hub, "rev-parse", "HEAD")
    for name in PIPELINES:  # what a new pipeline begins with waits here, and no build begins
        close(client, name)
        until(lambda name=name: took(client, name, first), what=f"the first commit in {name}")

    def pushed(*files: str, branch: str = "main") -> str:
        """A commit with these files, in the mirror."""
        made = commit(hub, dict.fromkeys(files, f"-- {len(wanted)}\n"))
        git(hub, "push", "-q", "local", f"main:refs/heads/{branch}", keys=keys)
        return made

    wanted: dict[str, list[str]] = {}
    wanted[pushed("docs/words.md")] = []
    wanted[pushed("datasets/rail/departures/notes.sql", branch="aside")] = []  # new, and no trigger names it
    wanted[pushed("datasets/rail/departures/notes.sql")] = ["hub-rail"]
    wanted[pushed("src/lake/more.py", "docs/more.md")] = ["hub-platform"]
    last = pushed("src/lake/most.py", "datasets/aviation/airlines/notes.sql")
    wanted[last] = ["hub-aviation", "hub-platform"]
    until(lambda: started(client, last) == wanted[last], 10, "both executions")
    assert {made: started(client, made) for made in wanted} == wanted
    assert "403" in git(hub, "push", "local", "main", keys={**keys, "AccessKeyId": "111111111111"}, good=False)


def test_a_pipeline_needs_the_connection_that_it_may_use(client: Client, state: Path) -> None:
    name = {"StackName": "hub-cicd-pipeline-platform", "LogicalResourceId": "PipelineRole"}
    role = client("cloudformation").describe_stack_resource(**name)["StackResourceDetail"]["PhysicalResourceId"]
    needed = replayed(ROOT, recorded(state), {"it": case_of(client("iam"), role)}).roles["it"]
    assert ("PipelineMayReadItsRepository", "codeconnections:UseConnection") in needed.actions


@pytest.mark.parametrize(
    ("owner", "room", "service", "may"),
    [
        ("platform", "pipeline", "codepipeline", True),
        ("rail", "pipeline", "codepipeline", False),
        ("rail", "builds", "codebuild", False),
    ],
)
def test_only_the_platforms_pipeline_writes_what_teams_build_on(
    client: Client, running: cloud.Running, owner: str, room: str, service: str, may: bool
) -> None:
    bucket = client("ssm").get_parameter(Name="/lake/hub/cicd/bootstrap/platform/bucket")["Parameter"]["Value"]
    stack = client("cloudformation").describe_stack_resources(StackName=f"hub-cicd-{room}-{owner}")["StackResources"]
    name = {"pipeline": "PipelineRole", "builds": "CheckRole"}[room]
    (found,) = [one["PhysicalResourceId"] for one in stack if one["LogicalResourceId"] == name]
    told = {"role": f"arn:aws:iam::{running.account}:role/{found}", "service": f"{service}.amazonaws.com"}
    asked = urlencode({**told, "session": "tester"})
    with urlopen(f"{running.endpoint}/_lake/credentials?{asked}") as answer:
        keys = json.load(answer)
    as_role = client(
        "s3",
        {
            "AccessKeyId": keys["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": keys["AWS_SESSION_TOKEN"],
        },
    )
    as_role.put_object(Bucket=bucket, Key=f"hub-{owner}/Commit/x", Body=b"")
    if may:
        as_role.put_object(Bucket=bucket, Key="released/platform.zip", Body=b"")
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role.put_object(Bucket=bucket, Key="released/platform.zip", Body=b"")


def test_the_pipeline_of_a_new_team_is_made_by_the_role_that_may_pass_the_connection(
    client: Client, lake: Say, hub: Path
) -> None:
    said = "team: freight\ndescription: Freight.\nowner: freight@example.com\nrepository: example/freight\n"
    (hub / "team/freight.yaml").write_text(said)
    assert "stacks written" in lake("bootstrap", "--teams")
    stages = client("codepipeline").get_pipeline(name="hub-freight")["pipeline"]["stages"]
    commit_of, platform = (action["configuration"] for action in stages[0]["actions"])
    assert commit_of["FullRepositoryId"] == "example/freight"
    assert platform["S3ObjectKey"] == "released/platform.zip"
    assert stages[1]["actions"][0]["configuration"]["PrimarySource"] == "Platform"


def test_what_a_trigger_does_not_do_is_refused_by_name(client: Client) -> None:
    pipeline = client("codepipeline").get_pipeline(name="hub-rail")["pipeline"]
    source = pipeline["stages"][0]["actions"][0]
    source["configuration"]["OutputArtifactFormat"] = "CODEBUILD_CLONE_REF"
    with pytest.raises(ClientError, match="takes CODE_ZIP, not CODEBUILD_CLONE_REF"):
        client("codepipeline").update_pipeline(pipeline=pipeline)


def standing(client: Client) -> list[str]:
    return [
        one["name"] for one in client("codepipeline").list_pipelines()["pipelines"] if one["name"].startswith("hub-")
    ]


def close(client: Client, name: str) -> None:
    client("codepipeline").disable_stage_transition(
        pipelineName=name, stageName="Check", transitionType="Inbound", reason="no build here"
    )


def took(client: Client, name: str, made: str) -> list[dict[str, Any]]:
    """Executions that have taken this commit."""
    every = executions(client, name)
    return [one for one in every if any(each["revisionId"] == made for each in one["sourceRevisions"])]


def started(client: Client, made: str) -> list[str]:
    return [name for name in PIPELINES if took(client, name, made)]


def early(client: Client, name: str, connection: str, who: str) -> None:
    """A pipeline that takes a commit of the mirror, and does no more."""
    settings = {"ConnectionArn": connection, "FullRepositoryId": REPOSITORY, "BranchName": "main"}
    source = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}
    manual = {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}
    client("s3").create_bucket(Bucket=f"{name}-store", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    stages = [
        {"name": "Source", "actions": [{"name": "Source", "actionTypeId": source, "configuration": settings}]},
        {"name": "Wait", "actions": [{"name": "Wait", "actionTypeId": manual}]},
    ]
    store = {"type": "S3", "location": f"{name}-store"}
    declared = {"name": name, "pipelineType": "V2", "roleArn": who, "artifactStore": store, "stages": stages}
    client("codepipeline").create_pipeline(pipeline=declared)


def refused(client: Client, name: str) -> str:
    """What the first execution of a pipeline failed of."""
    (found,) = until(lambda: [one for one in executions(client, name) if one["status"] == "Failed"])
    return errors(client, name, found["pipelineExecutionId"])[0]
