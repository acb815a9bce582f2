"""The clone in which push to deploy is shown and tested, with a local cloud of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3

from lakectl.cicd.pipelines import executions, steps
from lakectl.target import Target, target_for
from lakelocal import cloud

DOMAIN = "lake"
LAKE = f"""organisation: example
domain: {DOMAIN}
environments:
  dev: {{account: "000000000000", region: eu-west-1}}
  test: {{account: "000000000000", region: eu-west-1}}
cicd: {{check: quick}}
"""
ENDS = ("Succeeded", "Failed", "Stopped", "Superseded")


class Workplace:
    """A clone of the present commit, with what `make setup` made for this one; its cloud is its own too."""

    def __init__(self, root: Path, folder: Path, more: Mapping[str, str] | None = None) -> None:
        self.root, self.folder = root, folder
        self._known: Target | None = None
        python = root / ".venv/bin/python"
        self._python = str(python if python.exists() else sys.executable)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAKE_"))},
            "LAKE_SETUP_FROM": str(root),
            "PYTHONPATH": "src",
            **(more or {}),
        }

    def make(self) -> None:
        """A clone with one commit of its own: two environments, so that something can be promoted."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.run(["git", "clone", "-q", "--no-hardlinks", str(self.root), str(self.folder)], self.root)
        self.git("checkout", "-q", "-B", "main")
        self.git("config", "user.name", "A developer")
        self.git("config", "user.email", "developer@example.com")
        self.run(["make", "setup"])
        self.commit({"lake.yaml": LAKE}, "Two environments")

    def up(self) -> None:
        self.lake("local", "up")

    def git(self, *words: str) -> str:
        return self.run(["git", *words]).strip()

    def lake(self, *words: str) -> str:
        return self.run([self._python, "-m", "lakectl.main", *words])

    def run(self, command: Sequence[str], folder: Path | None = None) -> str:
        """What a command says. Raises CloudError with its last words."""
        where = folder or self.folder
        done = subprocess.run(command, cwd=where, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stdout + done.stderr).strip().splitlines()[-15:]
            raise cloud.CloudError("\n".join([f"{' '.join(command)} failed:", *said]))
        return done.stdout

    def commit(self, files: Mapping[str, str], message: str) -> str:
        for name, text in files.items():
            place = self.folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self.git("add", *files)
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str = "main") -> None:
        self.git("push", "-q", "local", branch)

    def pipeline(self, owner: str) -> dict[str, Any]:
        """Executions and actions of an owner's pipeline."""
        target, name = self._target(), f"{DOMAIN}-{owner}"
        every, actions = executions(target, name), steps(target, name)
        return {"executions": [asdict(one) for one in every], "actions": [asdict(one) for one in actions]}

    def _target(self) -> Target:
        """This place's cloud; asked again and again, so nothing is made twice."""
        found = cloud.running(self.folder)
        if self._known is None or found is None or self._known.endpoint != found.endpoint:
            self._known = target_for(self.folder, None)
        return self._known

    def execution(self, owner: str, commit: str) -> dict[str, Any] | None:
        """The execution that took a commit; none if there is none."""
        return next((one for one in self.pipeline(owner)["executions"] if one["commit"] == commit), None)

    def reached(self, owner: str, commit: str, *, approved: bool = False, seconds: float = 1800.0) -> str:
        """Wait until a commit waits for an approval (not where that was given), or has ended; how it stands then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.pipeline(owner)
            taken = next((one for one in found["executions"] if one["commit"] == commit), None)
            if taken and taken["status"] in ENDS:
                return str(taken["status"])
            asks = taken and any(one["waits"] and one["execution"] == taken["id"] for one in found["actions"])
            if asks and not approved:
                return "waits"
            time.sleep(1)
        raise cloud.CloudError(f"{commit[:8]} did not get through the pipeline of {owner} in {seconds:.0f} s")

    def log(self, owner: str, commit: str, stage: str, action: str) -> list[str]:
        """What an action wrote when this commit passed through it, whatever has run since."""
        taken = self.execution(owner, commit)
        assert taken is not None, f"the pipeline of {owner} never took {commit}"
        told = self.client("codepipeline").list_action_executions(
            pipelineName=f"{DOMAIN}-{owner}", filter={"pipelineExecutionId": taken["id"]}
        )["actionExecutionDetails"]
        run = next(one for one in told if (one["stageName"], one["actionName"]) == (stage, action))
        build = run["output"]["executionResult"]["externalExecutionId"]
        (found,) = self.client("codebuild").batch_get_builds(ids=[build])["builds"]
        place = {"logGroupName": found["logs"]["groupName"], "logStreamName": found["logs"]["streamName"]}
        events = self.client("logs").get_log_events(**place, startFromHead=True)["events"]
        return [event["message"].rstrip("\n") for event in events]

    def another_dataset(self, name: str) -> dict[str, str]:
        """The files of a dataset like rail.departures under another name."""
        source = self.folder / "datasets/rail/departures"
        files = {path.relative_to(source).as_posix(): path.read_text() for path in source.rglob("*") if path.is_file()}
        files["dataset.yaml"] = files["dataset.yaml"].replace("dataset: departures", f"dataset: {name}", 1)
        return {f"datasets/rail/{name}/{place}": text for place, text in files.items()}

    def mended_and_failing(self, name: str) -> dict[str, str]:
        """A dataset as it should be, and a function that writes its plan where its role may not."""
        place = "src/lake/flows/planning.py"
        spoilt = (self.folder / place).read_text().replace("/plan.json", "/plans.json")
        return {**self.another_dataset(name), place: spoilt}

    def rolled_back(self, owner: str, seconds: float = 1800.0) -> str:
        """Wait until a stage that failed has gone back to the last good execution; how that ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            latest = self.pipeline(owner)["executions"][0]
            if latest["trigger"] == "AutomatedRollback" and latest["status"] in ENDS:
                return str(latest["status"])
            time.sleep(1)
        raise cloud.CloudError(f"The pipeline of {owner} was not rolled back in {seconds:.0f} s")

    def table(self, environment: str, name: str) -> bool:
        """Whether the catalog has a table of team rail."""
        looks = json.loads(self.lake("verify", "--env", environment, "--as", "rail", "--no-smoke", "--json"))
        return any(one["what"] == f"table rail.{name}" and not one["trouble"] for one in looks)

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        """A client of this place's cloud, as its administrator or by these keys."""
        found = cloud.running(self.folder)
        if found is None:
            raise cloud.CloudError(f"The local cloud of {self.folder} is not running.")
        who = {"AccessKeyId": found.account, "SecretAccessKey": cloud.SECRET, "SessionToken": None, **(keys or {})}
        session = boto3.Session(
            who["AccessKeyId"], who["SecretAccessKey"], who["SessionToken"], region_name=found.region
        )
        return session.client(service, endpoint_url=found.endpoint)  # type: ignore[call-overload]

    def down(self) -> None:
        self.lake("local", "down")
