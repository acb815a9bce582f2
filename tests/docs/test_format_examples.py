"""Every example in docs/formats.md is a dataset that the compiler takes, and every format has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lake.core.format import FORMATS
from lakectl.compile import compile_lake
from unit.specs.project import write, write_project

PAGE = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (\w+)\n\n```yaml\n(.*?)```$", PAGE, re.DOTALL | re.MULTILINE))
AROUND = """\
team: sea
dataset: shown
description: Shown.
owner: sea@example.com
{example}table: {{mode: append}}
"""


def test_every_format_has_its_example() -> None:
    assert tuple(sorted(EXAMPLES)) == tuple(sorted(FORMATS))
    assert PAGE.count("```yaml") == len(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_dataset(tmp_path: Path, name: str) -> None:
    root = write_project(tmp_path)
    write(root, "datasets/sea/shown/dataset.yaml", AROUND.format(example=EXAMPLES[name]))
    (found,) = [one for one in compile_lake(root, "dev") if one.name == "sea.shown"]
    assert found.value().source.format == name
