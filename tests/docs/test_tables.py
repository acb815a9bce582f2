"""The YAML that docs/tables.md shows is valid, and no mode goes without an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakectl.commands.validate import validate
from lakectl.specs.dataset import MODES

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```yaml\n(table:.*?)```", (ROOT / "docs/tables.md").read_text(), re.DOTALL)
FILES = {
    "lake.yaml": 'organisation: x\ndomain: lake\nenvironments: {dev: {account: "123456789012", region: eu-west-1}}\n',
    "team/shops.yaml": "team: shops\ndescription: Shops.\nowner: shops@example.com\n",
    "pipelines/standard.yaml": "pipeline: standard\ndescription: Usual.\nstages: [{stage: a}, {stage: b}]\n",
}
DATASET = """team: shops
dataset: prices
description: What a shop asks.
owner: shops@example.com
source: {kind: drop, format: csv}
schema:
  - {name: shop, type: string, nullable: false}
  - {name: price, type: int}
  - {name: seen, type: timestamp, nullable: false}
"""


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] + str(len(block)) for block in BLOCKS])
def test_an_example_is_valid(tmp_path: Path, block: str) -> None:
    for name, text in (FILES | {"datasets/shops/prices/dataset.yaml": DATASET + block}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert validate(tmp_path) == ()


def test_every_mode_has_an_example() -> None:
    shown = {mode for block in BLOCKS for mode in re.findall(r"mode: (\w+)", block)}
    assert shown == set(MODES)
