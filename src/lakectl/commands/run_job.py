"""`lake run-job`: run the heavy job by itself, to be stopped in."""

from __future__ import annotations

import shlex
import subprocess
from typing import Annotated

import typer

from lakectl import debugger
from lakectl.commands.sam import Team, team_of
from lakectl.failure import Failure
from lakectl.root import find_root
from lakectl.screen import errors
from lakectl.specs.load import load_lake
from lakectl.specs.name import nearest
from lakectl.target import Target, target_for
from lakelocal import cloud, job
from lakelocal.engine.refusal import Refused
from lakelocal.inside.glue_arguments import Refused as JobRefused
from lakelocal.inside.glue_artifacts import Unfetched

JOBS = {"stage-b": "src/lake/heavy/job.py"}
ASKED = ("--plan", "--result")
"""What the script does not begin without."""


def command(
    name: Annotated[str, typer.Argument(help="stage-b", show_default=False)],
    args: Annotated[str, typer.Option(help="Its arguments, as Plan run answered: '--plan s3://… --result s3://…'")],
    debug: Annotated[bool, typer.Option(help="Wait for a debugger before it begins.")] = False,
    debug_port: debugger.Port = debugger.PORT,
    team: Team = None,
) -> None:
    """Run the clone's own heavy job in a Spark process of its own, with the role and settings of the deployed one."""
    root = find_root()
    if name not in JOBS:
        raise Failure(f"There is no job '{name}'. {nearest(name, JOBS)}")
    given, chosen = pairs(args), team_of(root, team)
    target, found = target_for(root, None), cloud.running(root)
    if found is None or not target.local:
        raise Failure("`lake run-job` runs on this laptop. On AWS: lake run DATASET.")
    if debug:
        debugger.free(debug_port)
    try:
        deployed = _deployed(target, chosen, load_lake(root).pipeline_of(chosen).stage_b.engine, given)
        made = job.command(root, found, deployed, root / JOBS[name], debug_port if debug else 0)
    except (Refused, JobRefused, Unfetched, OSError) as error:
        raise Failure(f"The job {name} of {chosen} cannot run here: {error}") from error
    if debug:
        errors.print(f"The job waits for a debugger on 127.0.0.1:{debug_port}.")
    done = subprocess.run(made.words, cwd=root, env=made.environment, check=False)
    raise typer.Exit(1 if done.returncode else 0)


def _deployed(target: Target, team: str, engine: str, given: dict[str, str]) -> job.Deployed:
    """The job as its service has it. Raises JobRefused, Failure."""

    def setting(thing: str) -> str:
        return target.setting("stage-b", team, thing)

    if engine == "glue":
        return job.on_glue(target.client("glue").get_job(JobName=setting("job-name"))["Job"], given)
    found = target.client("emr-serverless").get_application(applicationId=setting("job-name"))["application"]
    return job.on_emr_serverless(found, setting("job-role-arn"), setting("job-script"), setting("job-submit"), given)


def pairs(text: str) -> dict[str, str]:
    """`--name value …` as a mapping. Raises Failure for what is neither, and where one that is asked for is missing."""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote that does not end
        words = [text]
    named = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or not all(word.startswith("--") for word in named):
        raise Failure(f"--args holds {text!r}; write '--plan s3://… --result s3://…'.")
    missing = [name for name in ASKED if name not in named]
    if missing:
        held = f"only {', '.join(named)}" if named else "nothing"
        raise Failure(f"--args lacks {', '.join(missing)} and holds {held}; write '--plan s3://… --result s3://…'.")
    return named
