"""A lake of its own for a benchmark: this repository with other datasets, on a local cloud that it does not share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lakectl.commands.deploy import blueprint_for, deploy
from lakectl.stacks import stacks_of
from lakectl.target import Target, target_for
from lakelocal import cloud

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("src", "foundations", "team", "pipelines", "schemas", "requirements", "lake.yaml")
INSTALLED = ("envs", "jars", "glue", "stage-a", "stamps")
TEAM = "aviation"
READINGS = """
team: aviation
dataset: {name}
description: Readings of a sensor.
owner: aviation-data@example.com
source: {{kind: drop, format: csv}}
schema:
  - {{name: id, type: bigint, nullable: false}}
  - {{name: sensor, type: string}}
  - {{name: value, type: double}}
  - {{name: taken, type: timestamp}}
table: {{mode: append}}
trigger: {{max_wait: 1 day, max_objects: 100000}}
"""


@contextmanager
def deployed(folder: Path, datasets: Mapping[str, str]) -> Iterator[Target]:
    """A lake with these datasets, by name, deployed to a cloud that ends with the benchmark."""
    with standing(folder, datasets) as target:
        blueprint = blueprint_for(target)
        deploy(target, blueprint, stacks_of(blueprint))
        yield target


@contextmanager
def standing(folder: Path, datasets: Mapping[str, str]) -> Iterator[Target]:
    """The same before it is deployed: an empty cloud."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / ".lake").mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, folder / name)
    for name in INSTALLED:
        (folder / ".lake" / name).symlink_to(ROOT / ".lake" / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "datasets").mkdir()
    for file in (ROOT / "datasets").glob("*.*"):
        shutil.copy(file, folder / "datasets")
    for name, text in datasets.items():
        place = folder / "datasets" / TEAM / name
        place.mkdir(parents=True)
        (place / "dataset.yaml").write_text(text)
    cloud.up(folder, cold=True)
    try:
        yield target_for(folder, None)
    finally:
        cloud.down(folder)
