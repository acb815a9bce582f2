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
from lakectl.cicd.reach import deployment_target, is_apart, reached_for_teams
from lakectl.cicd.remote import MIRRORS, REMOTE, add_remote
from lakectl.cicd.stacks import (
    Plan,
    bootstrap_stack,
    boundary_apart,
    cicd_target,
    first_stacks,
    owned_stacks,
    plan_for,
    stacks_apart,
)
from lakectl.failure import Failure
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import errors, screen, show_json
from lakectl.specs.lake import LakeSpec
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
    """Make what deploys from now on: repository, pipelines of the platform and of each team, their roles.

    Of an environment in another account or region than the pipelines: the roles by which they reach it.
    """
    root = find_root()
    lake = load_lake(root)
    apart = None if teams else _apart(lake.spec, environment)
    target = cicd_target(target_for(root, apart)) if apart else deployment_target(root, environment)
    platform = package.LAPTOP if target.local else package.LAMBDA
    functions = package.functions(root, platform)
    plan = plan_for(root, lake.spec, tuple(sorted(lake.teams)), functions, platform, lake.apart)
    if apart and apart not in plan.apart:
        raise Failure(f"No commit passes through {apart}: name it in lake.yaml, cicd.promote.")
    if print_commands:
        for line in as_commands(target, plan, apart):
            screen.print(line, markup=False, soft_wrap=True)
        return
    tell = quiet if as_json else (every if verbose else stacks_and_failures)
    if teams:
        _say_written([*_roles_of_teams(plan, tell), *pipelines_of_teams(target, plan, tell)], as_json)
        return
    if apart:
        _say_written(_reachable(target, plan, apart, tell), as_json)
        return
    written = apply(target, first_stacks(plan), tell)
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


def _apart(spec: LakeSpec, environment: str | None) -> str | None:
    """The environment of `--env`, if it is in another account or region than the pipelines."""
    return environment if environment in spec.environments and is_apart(spec, environment) else None


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


def _roles_of_teams(plan: Plan, tell: Tell) -> Iterator[Stack]:
    """The same in the environments that are apart; one that does not let the build in is told, and made later."""
    for reached in reached_for_teams(plan.root, plan.spec, plan.apart):
        if isinstance(reached, Failure):
            errors.print(f"Not yet: {reached}", markup=False, soft_wrap=True)
            continue
        there = cicd_target(reached)
        keeping = replace(there, deploy_role=there.setting(f"teams-{reached.environment}", PLATFORM, "role-arn"))
        boundary = there.setting("bootstrap", PLATFORM, "boundary-arn")
        stacks = stacks_apart(plan, reached.environment, boundary)
        yield from apply(keeping, [stack for stack in stacks if stack.owner in plan.teams], tell)


def _reachable(target: Target, plan: Plan, environment: str, tell: Tell) -> list[Stack]:
    """What the builds of the deployment account reach an environment by, with its own account's credentials."""
    first = apply(target, [boundary_apart(plan)], tell)
    boundary = target.setting("bootstrap", PLATFORM, "boundary-arn")
    return first + apply(target, list(stacks_apart(plan, environment, boundary)), tell)


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
    for name in plan.apart:
        account = plan.spec.environments[name].account
        yield f"With credentials of {account}, before a commit reaches {name}: lake bootstrap --env {name}"
    if not plan.checks_pull_requests:
        yield f"Pull requests are not checked: {plan.environments[0]} is in another account or region than this."
    place = outputs.get("CloneUrl", f"{plan.cicd.repository} at {plan.cicd.provider}")
    push = f"git push {REMOTE} {plan.cicd.branch}" if target.local else f"push {plan.cicd.branch} to {place}"
    if connection and connection.pending:
        yield f"The connection to {connection.provider} is PENDING until a person has confirmed it:"
        yield f"  {'lake local connection confirm' if target.local else CONSOLE.format(region=target.region)}"
        yield f"Then {push}, and run this again: it goes on with the pipelines, which begin with that commit."
    else:
        yield f"Now {push}"
        yield "and watch: lake pipeline watch"


def as_commands(target: Target, plan: Plan, apart: str | None = None) -> Iterator[str]:
    """The same as plain `aws` commands, in an order that works."""
    connects = plan.cicd.connects and not apart
    for stack in [boundary_apart(plan)] if apart else first_stacks(plan):
        yield _deploy(target, stack)
    yield _remember(target, "BOUNDARY", "boundary-arn")
    if not apart:
        functions = plan.functions
        yield _remember(target, "BUCKET", "bucket")
        yield f'aws s3 cp {functions.path.relative_to(target.root).as_posix()} "s3://$BUCKET/{functions.key}"'
    if connects:
        yield _remember(target, "CONNECTION", "connection-arn")
        yield f"# now a person confirms $CONNECTION: {CONSOLE.format(region=target.region)}"
    unconfirmed = UNCONFIRMED if connects else ""
    for stack in stacks_apart(plan, apart, UNKNOWN) if apart else owned_stacks(plan, UNKNOWN, unconfirmed):
        yield _deploy(target, stack)


def _remember(target: Target, name: str, thing: str) -> str:
    where = f"--region {target.region} --name /lake/{target.domain}/{target.environment}/bootstrap/platform/{thing}"
    return f"{name}=$(aws ssm get-parameter {where} --query Parameter.Value --output text)"


def _deploy(target: Target, stack: Stack) -> str:
    words: list[Any] = ["aws", "cloudformation", "deploy", "--region", target.region, "--stack-name", stack.name]
    words += ["--template-file", stack.template.relative_to(target.root).as_posix()]
    words += ["--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset", "--parameter-overrides"]
    given = [f"{name}={value}" for name, value in stack.parameters.items()]
    quoted = [f'"{one}"' if UNKNOWN in one or UNCONFIRMED in one else shlex.quote(one) for one in given]
    return " ".join([shlex.join(words), *quoted])
