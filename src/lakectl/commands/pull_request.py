"""`lake pull-request`: what a branch would change, said before it is merged."""

from __future__ import annotations

import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import ClientError

from lake.core.owner import PLATFORM
from lakectl.branch.name import base_of
from lakectl.cicd.comments import CodeCommitComments, Comments, put
from lakectl.cicd.forges import ForgeComments
from lakectl.cicd.pipelines import log_of
from lakectl.cicd.proposal import proposed
from lakectl.cicd.pull_requests import PullRequest, comments, found, numbers
from lakectl.cicd.reach import deployment_target, is_apart
from lakectl.cicd.stacks import cicd_target
from lakectl.failure import Failure
from lakectl.option import Environment, Json, whole
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.specs.lake import Cicd
from lakectl.specs.load import load_settings
from lakectl.target import Target, target_for

app = typer.Typer(
    help="Pull requests: what they would change, their checks, and the plan that is written to them.",
    no_args_is_help=True,
    add_completion=False,
)
Number = Annotated[
    int, typer.Argument(parser=whole(1), metavar="NUMBER", help="The pull request's number.", show_default=False)
]
SESSION = "lake-plan"
"""Who comments, in each build the same: only the author of a comment may change it."""


@app.command("open")
def open_one(
    branch: Annotated[str, typer.Argument(help="A branch that was pushed; the present one by default.")] = "",
    title: Annotated[str, typer.Option("--title", "-t", help="The subject of its last commit by default.")] = "",
    environment: Environment = None,
) -> None:
    """Ask for a branch to be merged; its check begins at once."""
    root, target, cicd = _place(environment)
    source = branch or _git(root, "rev-parse", "--abbrev-ref", "HEAD")
    ends = {"sourceReference": source, "destinationReference": cicd.branch}
    made = target.client("codecommit").create_pull_request(
        title=title or _git(root, "log", "-1", "--format=%s", source),
        targets=[{"repositoryName": cicd.repository, **ends}],
    )["pullRequest"]
    number = made["pullRequestId"]
    then = _unchecked(root) or f"Watch: lake pull-request watch {number}"
    screen.print(f"Pull request {number}: {plain(source)} into {cicd.branch}. {then}")


@app.command("list")
def list_all(
    environment: Environment = None,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are merged or closed.")] = False,
    as_json: Json = False,
) -> None:
    """The pull requests that are open, and how their checks stand."""
    _, target, cicd = _place(environment)
    every = [
        found(target, cicd.repository, one) for one in numbers(target, cicd.repository, None if closed else "OPEN")
    ]
    if as_json:
        show_json([asdict(one) for one in every])
    else:
        show_table([_row(one) for one in every], empty="None is open: lake pull-request open BRANCH")


@app.command()
def show(number: Number, environment: Environment = None, as_json: Json = False) -> None:
    """One pull request, and what is said on it: its plan."""
    _, target, cicd = _place(environment)
    one, said = found(target, cicd.repository, str(number)), comments(target, str(number))
    if as_json:
        show_json(asdict(one) | {"comments": said})
        return
    show_table([_row(one)])
    for line in (line for text in said for line in ("", *text.splitlines())):
        screen.print(plain(line), soft_wrap=True)


@app.command()
def watch(number: Number, environment: Environment = None) -> None:
    """Follow the check of a pull request's last commit to its end, and show what was written."""
    root, target, cicd = _place(environment)
    if why := _unchecked(root):
        raise Failure(why)
    while (one := found(target, cicd.repository, str(number))).check in ("", "IN_PROGRESS"):
        if one.status != "open":
            raise Failure(f"Pull request {number} is {one.status}, and its last commit was never checked.")
        time.sleep(0.5 if target.local else 5.0)
    show(number, environment)
    if one.check != "SUCCEEDED":
        raise Failure(f"The check of {one.commit[:8]} ended as {one.check}: lake pull-request logs {number}")


@app.command()
def logs(number: Number, environment: Environment = None, as_json: Json = False) -> None:
    """What the check of a pull request's last commit wrote."""
    _, target, cicd = _place(environment)
    one = found(target, cicd.repository, str(number))
    if not one.build:
        raise Failure(f"No check of {one.commit[:8]} has begun: lake pull-request show {number}")
    (build,) = target.client("codebuild").batch_get_builds(ids=[one.build])["builds"]
    lines = list(log_of(target, build))
    if as_json:
        show_json(lines)
        return
    for line in lines:
        screen.print(plain(line), soft_wrap=True)


@app.command()
def merge(number: Number, environment: Environment = None) -> None:
    """Merge by fast-forward, which is a push: the pipelines of what it changed start."""
    _, target, cicd = _place(environment)
    one = found(target, cicd.repository, str(number))
    try:
        target.client("codecommit").merge_pull_request_by_fast_forward(
            pullRequestId=str(number), repositoryName=cicd.repository, sourceCommitId=one.commit
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ManualMergeRequiredException":
            raise
        raise Failure(
            f"{one.destination} has commits that {one.source} has not. Rebase and push it, and merge again: "
            f"git rebase {one.destination}"
        ) from error
    screen.print(f"{one.destination} is at {one.commit[:8]}. Watch: lake pipeline watch")


@app.command()
def comment(
    number: Number,
    environment: Environment = None,
    commit: Annotated[str, typer.Option(help="What was checked out.", show_default=False)] = "",
    checked: Annotated[
        str, typer.Option(metavar="1|0", help="Whether its check passed, as CODEBUILD_BUILD_SUCCEEDING says.")
    ] = "",
) -> None:
    """Write the plan to a pull request: what its check does at its end, as the role that may."""
    if checked not in ("", "0", "1"):
        raise typer.BadParameter(f"'{checked}' is neither 1 nor 0.", param_hint="--checked")
    root = find_root()
    target, cicd = target_for(root, environment), load_settings(root).cicd
    told = proposed(target, str(number), commit, checked)
    print(told.text)  # noqa: T201 - the log has it whole, whatever becomes of the comment
    place = _comments(target, cicd, str(number))
    if place is None:
        screen.print("No comment: lake.yaml names no token that may write one (cicd.token).")
    elif not place.waits_for(commit):
        screen.print(f"No comment: {number} is not open any more, or has another commit by now.")
    else:
        put(place, told.mark, told.text)
    if told.refused:
        raise typer.Exit(1)


def _comments(target: Target, cicd: Cicd, number: str) -> Comments | None:
    here = cicd_target(target)
    if cicd.provider != "CodeCommit":
        if not cicd.token:
            return None
        token = here.client("ssm").get_parameter(Name=cicd.token, WithDecryption=True)["Parameter"]["Value"]
        return ForgeComments(cicd.provider, cicd.repository, number, token)
    role = here.setting("pull-requests", PLATFORM, "role-arn")
    made = here.client("sts").assume_role(RoleArn=role, RoleSessionName=SESSION)
    keys = made["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=target.region
    )
    client: Any = session.client("codecommit", endpoint_url=target.endpoint)
    return CodeCommitComments(client, made["AssumedRoleUser"]["Arn"], number)


def _place(environment: str | None) -> tuple[Path, Target, Cicd]:
    """Where pull requests are. Raises Failure where that is not in this account."""
    root = find_root()
    cicd = load_settings(root).cicd
    if cicd.provider != "CodeCommit":
        raise Failure(
            f"Pull requests of this repository are on {cicd.provider}: open and merge them there. "
            "Their checks are a pipeline: lake pipeline status pull-request"
        )
    return root, deployment_target(root, environment), cicd


def _unchecked(root: Path) -> str:
    """Why no pull request is checked; "" where they are."""
    spec = load_settings(root)
    first = base_of(spec)
    if not is_apart(spec, first):
        return ""
    return (
        f"No check comes: {first} is in another account or region than the pipelines. See it: lake plan --env {first}"
    )


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _row(one: PullRequest) -> dict[str, str]:
    check = one.check.lower().replace("_", " ") or "not begun"
    return {
        "number": one.number,
        "title": one.title,
        "branch": one.source,
        "commit": one.commit[:8],
        "is": one.status,
        "check": check,
    }
