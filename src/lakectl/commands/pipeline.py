"""`lake pipeline`: what becomes of a push, here and on AWS."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from lake.core.owner import PLATFORM
from lakectl.cicd.pipelines import Execution, Step, executions, log_of, owners, pipeline_of, steps
from lakectl.cicd.reach import deployment_target
from lakectl.failure import Failure
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.target import Target

app = typer.Typer(
    help="What becomes of a push: pipelines, their stages, approvals and logs.",
    no_args_is_help=True,
    add_completion=False,
)
Owner = Annotated[str, typer.Argument(help="Whose pipeline: platform, or a team.")]
Summary = Annotated[str, typer.Option("--message", "-m", help="What to remember of the answer.")]
COLOURS = {"Succeeded": "green", "Failed": "red", "InProgress": "yellow"}


@app.command()
def status(
    owner: Annotated[str | None, typer.Argument(help="platform, or a team; all by default.")] = None,
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """The pipelines with their latest execution; of one pipeline, its executions and actions."""
    target = deployment_target(find_root(), environment)
    if owner is None:
        rows = [_row(name, next(iter(executions(target, pipeline_of(target, name))), None)) for name in owners(target)]
        show_json(rows) if as_json else show_table(rows, empty="No pipeline yet: lake bootstrap")
        return
    pipeline = pipeline_of(target, owner)
    every, actions = executions(target, pipeline), steps(target, pipeline)
    if as_json:
        show_json({"executions": [asdict(one) for one in every], "actions": [asdict(one) for one in actions]})
        return
    show_table([_row(owner, one) for one in every], title="executions")
    show_table([_step_row(one) for one in actions], title="actions")
    _show_errors(actions)


@app.command()
def watch(owner: Owner = PLATFORM, environment: Environment = None) -> None:
    """Follow a pipeline until its latest execution has ended, or waits for an approval."""
    target = deployment_target(find_root(), environment)
    pipeline = pipeline_of(target, owner)
    told: dict[str, str] = {}
    while True:
        latest = next((one for one in executions(target, pipeline, 1) if not _was_without_a_push(one)), None)
        actions = [one for one in steps(target, pipeline) if latest and one.execution == latest.id]
        for one in actions:
            place = f"{one.stage} · {one.action}"
            if one.status and told.get(place) != f"{one.status}{one.execution}":
                told[place] = f"{one.status}{one.execution}"
                colour = COLOURS.get(one.status, "dim")
                screen.print(f"  [{colour}]{one.status:<11}[/{colour}] {plain(place)}")
        if any(one.waits for one in actions):
            screen.print(f"It waits for an answer: lake pipeline approve {owner}")
            return
        if latest and latest.done:
            _show_errors(actions)
            screen.print(f"{latest.status}: {latest.commit[:8]} {plain(latest.message)}")
            if latest.status != "Succeeded":
                raise typer.Exit(1)
            return
        time.sleep(0.5 if target.local else 5.0)


@app.command()
def approve(
    owner: Owner = PLATFORM,
    environment: Environment = None,
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead.")] = False,
    message: Summary = "by lake pipeline approve",
) -> None:
    """Answer the approval that a pipeline waits for."""
    target = deployment_target(find_root(), environment)
    pipeline = pipeline_of(target, owner)
    waiting = next((one for one in steps(target, pipeline) if one.waits), None)
    if waiting is None:
        raise Failure(f"The pipeline of {owner} waits for nobody: lake pipeline status {owner}")
    said = "Rejected" if reject else "Approved"
    target.client("codepipeline").put_approval_result(
        pipelineName=pipeline,
        stageName=waiting.stage,
        actionName=waiting.action,
        token=waiting.waits,
        result={"status": said, "summary": message},
    )
    screen.print(f"{said}: {waiting.stage} of {owner}. Watch: lake pipeline watch {owner}")


@app.command()
def retry(owner: Owner = PLATFORM, environment: Environment = None) -> None:
    """Run the failed actions of the stage that failed last again."""
    target = deployment_target(find_root(), environment)
    pipeline = pipeline_of(target, owner)
    failed = next((one for one in reversed(steps(target, pipeline)) if one.status == "Failed"), None)
    if failed is None:
        raise Failure(f"Nothing of the pipeline of {owner} has failed: lake pipeline status {owner}")
    target.client("codepipeline").retry_stage_execution(
        pipelineName=pipeline,
        stageName=failed.stage,
        pipelineExecutionId=failed.execution,
        retryMode="FAILED_ACTIONS",
    )
    screen.print(f"{failed.stage} of {owner} runs again. Watch: lake pipeline watch {owner}")


@app.command()
def logs(
    owner: Owner = PLATFORM,
    action: Annotated[str, typer.Option("--action", "-a", help="Stage or action; the latest build by default.")] = "",
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """What a build wrote."""
    target = deployment_target(find_root(), environment)
    built = [one for one in steps(target, pipeline_of(target, owner)) if one.build]
    chosen = [one for one in built if action in ("", one.stage, one.action)]
    if not chosen:
        raise Failure(f"No build of {owner} {action}. There are: {', '.join(one.stage for one in built) or 'none'}")
    (build,) = target.client("codebuild").batch_get_builds(ids=[_latest(target, chosen).build])["builds"]
    lines = list(log_of(target, build))
    if as_json:
        show_json(lines)
        return
    for line in lines:
        screen.print(plain(line), soft_wrap=True)


def _was_without_a_push(one: Execution) -> bool:
    """CodePipeline starts a new pipeline at once, when there may be no commit yet."""
    return one.trigger == "CreatePipeline" and one.status == "Failed" and not one.commit


def _latest(target: Target, built: list[Step]) -> Step:
    found = target.client("codebuild").batch_get_builds(ids=[one.build for one in built])["builds"]
    started = {build["id"]: build["startTime"] for build in found}
    return max(built, key=lambda one: started[one.build])


def _row(owner: str, one: Execution | None) -> dict[str, Any]:
    if one is None:
        return {"pipeline": owner, "status": "never ran", "commit": "", "message": "", "started": "", "by": ""}
    started = f"{one.started:%Y-%m-%d %H:%M:%S}"
    told = {"commit": one.commit[:8], "message": one.message, "started": started, "by": one.trigger}
    return {"pipeline": owner, "status": one.status, **told}


def _step_row(one: Step) -> dict[str, str]:
    status = "waits for an approval" if one.waits else one.status
    return {"stage": one.stage, "action": one.action, "status": status}


def _show_errors(actions: list[Step]) -> None:
    for one in actions:
        if one.error and one.status == "Failed":
            screen.print(f"[red]{one.stage} · {one.action}[/red] {plain(one.error)}", soft_wrap=True)
