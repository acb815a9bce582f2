"""A small lake with a local cloud of its own, deployed by somebody who is killed again and again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest

from clone import Lake, copy_of_repository
from lakectl.deployment import blueprint_for, deploy
from lakectl.plan.make import plan_for
from lakectl.plan.plan import Plan
from lakectl.stacks import stacks_of
from lakectl.target import start_laptop
from lakelocal import cloud

DATASET = "airlines"
MORTAL = Path(__file__).with_name("mortal.py")
MOST_LIVES = 40


@dataclass(frozen=True)
class Lives:
    """How often `lake deploy` was killed, and at which half calls, before one lived to its end."""

    deaths: tuple[int, ...]


def deploy_through_deaths(lake: Lake, dice: Random, soonest: int, latest: int) -> Lives:
    """Deploy again and again, each time killed somewhere else, until one has less to do than it is given to live."""
    deaths: list[int] = []
    for _ in range(MOST_LIVES):
        span = dice.randint(soonest, latest)
        done = subprocess.run(
            [sys.executable, str(MORTAL), str(lake.root), str(span)], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return Lives(tuple(deaths))
        assert done.returncode == -SIGKILL, done.stderr
        deaths.append(span)
    raise AssertionError(f"no deployment lived to its end in {MOST_LIVES}: {deaths}")


def planned(lake: Lake) -> Plan:
    """What a deployment would do now; without the start of a process, which takes longer than the plan."""
    target = lake.target
    blueprint = blueprint_for(target)
    return plan_for(target, blueprint, stacks_of(blueprint))


def written(lake: Lake) -> list[str]:
    """Deploy; the names of the stacks that were written."""
    target = lake.target
    blueprint = blueprint_for(target)
    return [one.name for one in deploy(target, blueprint, stacks_of(blueprint))]


def commit(lake: Lake, message: str) -> str:
    """All files of the lake as a commit; its name."""
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    for words in (["add", "-A"], [*who, "commit", "-q", "-m", message]):
        subprocess.run(["git", "-C", str(lake.root), *words], check=True, capture_output=True)
    head = ["git", "-C", str(lake.root), "rev-parse", "HEAD"]
    return subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Nothing is deployed yet. One team with one dataset."""
    found = Lake(copy_of_repository(tmp_path_factory.mktemp("deploying")))
    for folder in (found.root / "datasets").iterdir():
        for one in folder.iterdir() if folder.is_dir() else ():
            if one.name != DATASET:
                shutil.rmtree(one)
    (found.root / "team/rail.yaml").unlink()
    (found.root / ".gitignore").write_text(".lake\n.venv\n__pycache__\n")
    subprocess.run(["git", "init", "-q", str(found.root)], check=True)
    start_laptop(found.root, cold=True)
    try:
        yield found
    finally:
        cloud.down(found.root)


@pytest.fixture(scope="session")
def first(lake: Lake) -> Lives:
    """The first deployment, through several deaths."""
    return deploy_through_deaths(lake, Random(68), 20, 130)
