"""Every YAML and SQL block of the how-tos is right: the repository is still valid with it in place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from lakectl.commands.validate import validate
from lakectl.dqdl.parse import TYPES, parse_rule
from lakectl.specs.text import Text

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^(?P<indent> *)```(?:yaml|sql)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"(?:#|--) (\S+\.(?:yaml|sql))\n")
BASE = """
team: aviation
dataset: example
description: What a snippet is a part of.
owner: aviation-data@example.com
source: {kind: drop, format: csv}
schema: [{name: faa, type: string, nullable: false}]
table: {mode: merge, keys: [faa]}
"""
BESIDE = {
    "light.py": "def transform(row):\n    return row\n",
    "heavy.sql": "SELECT * FROM staged\n",
}


def blocks(document: Path) -> list[str]:
    found = BLOCK.finditer(document.read_text())
    return [re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE) for match in found]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("datasets", "team", "pipelines", "lake.yaml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("document", sorted((ROOT / "docs/how-to").glob("*.md")), ids=lambda path: path.stem)
def test_the_repository_is_valid_with_the_blocks_of_a_document(document: Path, repository: Path) -> None:
    for text in blocks(document):
        if place := PLACE.match(text):
            write(repository / place[1], text)
        else:
            folder = repository / "datasets/aviation/example"
            write(folder / "dataset.yaml", yaml.safe_dump(yaml.safe_load(BASE) | yaml.safe_load(text)))
            for name, content in BESIDE.items():
                write(folder / name, content)
            assert not validate(repository).errors, text
            shutil.rmtree(folder)
    assert not validate(repository).errors


def test_every_rule_that_is_judged_is_shown_and_is_a_rule() -> None:
    page = (ROOT / "docs/how-to/add-a-dataset.md").read_text()
    shown = re.findall(r"`((?:Is|Row|Column|Comp|Mean)\w* [^`]+)`", page)
    assert {parse_rule(Text("rule", rule)).type for rule in shown} == set(TYPES)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
