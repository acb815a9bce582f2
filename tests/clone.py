"""A copy of the repository with a local cloud of its own, used as a person uses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.flows.story import story_of
from lakectl.opened import opened
from lakectl.target import Target, target_for

REPOSITORY = Path(__file__).parents[1]
COPIED = (
    *("src", "foundations", "team", "pipelines", "datasets", "schemas", "requirements"),
    *("lake.yaml", "template.yaml", "samconfig.toml", "Makefile"),
)
ON_EMR = "engine: emr-serverless"
LINKED = ("envs", "jars", "spark", "glue", "stage-a", "debugger", "data", "stamps")


def copy_of_repository(folder: Path) -> Path:
    """The sources copied, what was installed linked; its cloud's state is its own."""
    copy_sources(folder)
    (folder / ".lake").mkdir()
    for name in LINKED:
        (folder / ".lake" / name).symlink_to(REPOSITORY / ".lake" / name)
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    return folder


def with_rail_on_emr_serverless(root: Path) -> Path:
    """The jobs of team rail run on EMR Serverless, those of team aviation on Glue."""
    usual = (root / "pipelines/standard.yaml").read_text()
    named = usual.replace("pipeline: standard", "pipeline: serverless").replace("{stage: b,", f"{{stage: b, {ON_EMR},")
    assert ON_EMR in named
    (root / "pipelines/serverless.yaml").write_text(named)
    for dataset in (root / "datasets/rail").glob("*/dataset.yaml"):
        dataset.write_text(dataset.read_text() + "pipeline: serverless\n")
    return root


def copy_sources(folder: Path) -> None:
    """The present sources, of which a lake is deployed."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, folder / name)


@dataclass(frozen=True)
class Lake:
    """A lake under test, used as a person uses it."""

    root: Path

    @property
    def target(self) -> Target:
        return target_for(self.root, None)

    def command(self, *words: str, expect: int = 0) -> str:
        """Type `lake …` in the repository; what it printed."""
        done = subprocess.run(
            [REPOSITORY / ".venv/bin/python", "-m", "lakectl.main", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == expect, (
            f"lake {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self.command(*words, "--json"))

    def states(self, key: str) -> list[str]:
        """Where the versions of an object stand, the oldest first; none as long as the lake has not heard of it."""
        found = opened(self.target)
        story = story_of(found.ledger, found.registry, found.objects, found.stage, found.raw, key)
        return [one.fate.state for one in story.chapters]

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.json("query", sql)
        return rows
