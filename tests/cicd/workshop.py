"""What the tests of push to deploy need: a repository with files, a stack around it, an eye on its pipeline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[2]
ENDED = ("Succeeded", "Failed", "Stopped", "Superseded")
TEMPLATE = ROOT / "tests/cicd/workshop.yaml"


def keys_of(running: cloud.Running) -> dict[str, str]:
    return {"AccessKeyId": running.account, "SecretAccessKey": cloud.SECRET, "SessionToken": ""}


def git(folder: Path, *words: str, keys: dict[str, str] | None = None, good: bool = True) -> str:
    """What a git client says that signs with these keys through the credential helper of ours."""
    helper = f"!{sys.executable} -m lakectl.git_credential"
    settings = ["-c", "credential.helper=", "-c", f"credential.helper={helper}", "-c", "credential.useHttpPath=true"]
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    who |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
    signing = {"AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": str(ROOT / "src")}
    if keys:
        signing |= {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
        signing |= {"AWS_SESSION_TOKEN": keys["SessionToken"]} if keys["SessionToken"] else {}
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *settings, *words]
    done = subprocess.run(command, env=base | who | signing, capture_output=True, text=True, timeout=60, check=False)
    if good:
        assert done.returncode == 0, done.stderr
    return done.stdout.strip() if good else done.stderr


def commit(folder: Path, files: dict[str, str], message: str = "a change") -> str:
    """Write the files and commit them; the commit."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "-q", "-b", "main", ".")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def stand_up(client: Callable[..., Any], name: str, **parameters: str) -> dict[str, str]:
    """A stack of the workshop's template; its outputs."""
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def executions(client: Callable[..., Any], pipeline: str) -> list[dict[str, Any]]:
    """Summaries of a pipeline's executions, the newest first."""
    found = client("codepipeline").list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
    return list(found)


def until(happened: Callable[[], Any], seconds: float = 60.0, what: str = "it") -> Any:
    """Ask until the answer is truthy. Fails the test when the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = happened()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


def ended(client: Callable[..., Any], pipeline: str, commit: str, seconds: float = 60.0) -> dict[str, Any]:
    """The execution that took this commit, once it has ended."""

    def look() -> Any:
        for one in executions(client, pipeline):
            if one["status"] in ENDED and any(rev["revisionId"] == commit for rev in one["sourceRevisions"]):
                return one
        return None

    return dict(until(look, seconds, f"the execution of {commit[:7]} in {pipeline}"))


def errors(client: Callable[..., Any], pipeline: str, execution: str) -> list[str]:
    """What the actions of an execution failed of."""
    found = client("codepipeline").list_action_executions(
        pipelineName=pipeline, filter={"pipelineExecutionId": execution}
    )["actionExecutionDetails"]
    failed = [one["output"]["executionResult"].get("errorDetails") for one in found]
    return [json.dumps(one) for one in failed if one]
