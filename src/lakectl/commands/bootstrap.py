"""`lake bootstrap`: once, and from then on a push deploys."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from lake.core.owner import PLATFORM
from lakectl import package
from lakectl.apply import apply
from lakectl.cicd.connection import CONSOLE, Connection, connection_of
from lakectl.cicd.remote import MIRRORS, REMOTE, add_remote
from lakectl.cicd.stacks import Plan, bootstrap_stack, cicd_target, owned_stacks, plan_for
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import screen, show_json
from lakectl.specs.load import load_lake
from lakectl.stack_status import Tell, deployed
from lakectl.stacks import Stack
from lakectl.target import Target, target_for
from lakectl.telling import every, quiet, stacks_and_failures

UNKNOWN, UNCONFIRMED = "$BOUNDARY", "${CONNECTION##*/}"


def command(
    environment: Environment = None,
    print_commands: Annotated[
        bool, typer.Option("--print", help="Show the plain aws commands and do nothing.")
    ] = False,
    teams: Annotated[
        bool, typer.Option("--teams", help="Only the pipelines of teams, by the role that keeps them.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every resource.")] = False,
    as_json: Json = False,
) -> None:
    """Make what deploys from now on: repository, pipelines of the platform and of each team, their roles."""
    root = find_root()
    target = cicd_target(target_for(root, environment))
    lake = load_lake(root)
    platform = package.LAPTOP if target.local else package.LAMBDA
    functions = package.functions(root, platform)
    plan = plan_for(root, lake.spec, tuple(sorted(lake.teams)), functions, platform, lake.apart)
    if print_commands:
        for line in as_commands(target, plan):
            screen.print(line, markup=False, soft_wrap=True)
        return
    tell = quiet if as_json else (every if verbose else stacks_and_failures)
    if teams:
        _say_written(pipelines_of_teams(target, plan, tell), as_json)
        return
    written = apply(target, [bootstrap_stack(plan)], tell)
    bucket = target.setting("bootstrap", "platform", "bucket")
    target.client("s3").put_object(Bucket=bucket, Key=functions.key, Body=functions.path.read_bytes())
    boundary = target.setting("bootstrap", "platform", "boundary-arn")
    outputs = _outputs(target, plan)
    arn = _connection(target, plan)
    connection = connection_of(target, arn) if arn else None
    if connection is None or not connection.pending:
        written += apply(target, list(owned_stacks(plan, boundary, connection.id if connection else "")), tell)
    if target.local:
        mirror = f"{target.endpoint}{MIRRORS}{plan.cicd.repository}"
        add_remote(root, outputs.get("CloneUrl", mirror), target.region)
    _say_written(written, as_json, outputs)
    for line in () if as_json else _next(target, plan, outputs, connection):
        screen.print(line, markup=False, soft_wrap=True)


def pipelines_of_teams(target: Target, plan: Plan, tell: Tell) -> list[Stack]:
    """Make what is missing of the teams' pipelines, as the role that may make those and no others.

    The pipelines of teams with a repository of their own begin anew: the platform that they build on is another.
    """
    keeping = replace(target, deploy_role=target.setting("teams", PLATFORM, "role-arn"))
    boundary = target.setting("bootstrap", PLATFORM, "boundary-arn")
    every = owned_stacks(plan, boundary, _connection(target, plan).rpartition("/")[2])
    ours = [stack for stack in every if stack.owner in plan.teams]
    there = deployed(target)
    written = apply(keeping, ours, tell)
    for stack in ours:  # a new pipeline begins by itself
        if stack.room == "pipeline" and stack.owner in plan.repositories and stack.name in there:
            target.client("codepipeline").start_pipeline_execution(name=f"{target.domain}-{stack.owner}")
    return written


def _connection(target: Target, plan: Plan) -> str:
    """The ARN of the connection that the bootstrap has made, or of the one that lake.yaml names; "" for CodeCommit."""
    if not plan.cicd.connects:
        return ""
    made = target.setting("bootstrap", PLATFORM, "connection-arn")
    return f"{made.rpartition('/')[0]}/{plan.cicd.connection}" if plan.cicd.connection else made


def _say_written(written: Sequence[Stack], as_json: bool, outputs: Mapping[str, str] | None = None) -> None:
    if as_json:
        show_json({"written": [stack.name for stack in written], **(outputs or {})})
    else:
        screen.print(f"{len(written)} stacks written." if written else "Nothing to do: everything stands.")


def _outputs(target: Target, plan: Plan) -> dict[str, str]:
    name = bootstrap_stack(plan).name
    (stack,) = target.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def _next(target: Target, plan: Plan, outputs: dict[str, str], connection: Connection | None) -> Iterator[str]:
    place = outputs.get("CloneUrl", f"{plan.cicd.repository} at {plan.cicd.provider}")
    push = f"git push {REMOTE} {plan.cicd.branch}" if target.local else f"push {plan.cicd.branch} to {place}"
    if connection and connection.pending:
        yield f"The connection to {connection.provider} is PENDING until a person has confirmed it:"
        yield f"  {'lake local connection confirm' if target.local else CONSOLE.format(region=target.region)}"
        yield f"Then {push}, and run this again: it goes on with the pipelines, which begin with that commit."
    else:
        yield f"Now {push}"
        yield "and watch: lake pipeline watch"


def as_commands(target: Target, plan: Plan) -> Iterator[str]:
    """The same as plain `aws` commands, in an order that works."""
    connects = plan.cicd.connects
    first, *rest = [bootstrap_stack(plan), *owned_stacks(plan, UNKNOWN, UNCONFIRMED if connects else "")]
    prefix = f"/lake/{target.domain}/{target.environment}/bootstrap/platform"
    yield _deploy(target, first)
    things = {"BUCKET": "bucket", "BOUNDARY": "boundary-arn", **({"CONNECTION": "connection-arn"} if connects else {})}
    for name, thing in things.items():
        yield f"{name}=$(aws ssm get-parameter --name {prefix}/{thing} --query Parameter.Value --output text)"
    if connects:
        yield f"# now a person confirms $CONNECTION: {CONSOLE.format(region=target.region)}"
    functions = plan.functions
    yield f'aws s3 cp {functions.path.relative_to(target.root).as_posix()} "s3://$BUCKET/{functions.key}"'
    for stack in rest:
        yield _deploy(target, stack)


def _deploy(target: Target, stack: Stack) -> str:
    words: list[Any] = ["aws", "cloudformation", "deploy", "--region", target.region, "--stack-name", stack.name]
    words += ["--template-file", stack.template.relative_to(target.root).as_posix()]
    words += ["--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset", "--parameter-overrides"]
    given = [f"{name}={value}" for name, value in stack.parameters.items()]
    quoted = [f'"{one}"' if UNKNOWN in one or UNCONFIRMED in one else shlex.quote(one) for one in given]
    return " ".join([shlex.join(words), *quoted])
