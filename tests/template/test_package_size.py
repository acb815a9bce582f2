"""What functions ship stays within the budget, with its bytecode."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from lakectl.package import LAPTOP, artifacts

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow  # builds what is shipped
BUDGET = json.loads((ROOT / "bench/budget.json").read_text())


@pytest.mark.parametrize("name", ["functions", "stage-a"])
def test_a_package_is_no_larger_than_its_budget(name: str) -> None:
    with zipfile.ZipFile(artifacts(ROOT, LAPTOP)[name].path) as package:
        megabytes = sum(entry.file_size for entry in package.infolist()) / 1e6
    assert megabytes <= BUDGET[f"package-{name}"]["most"]


@pytest.mark.parametrize("name", ["functions", "stage-a"])
def test_every_module_ships_with_the_bytecode_of_its_runtime(name: str) -> None:
    with zipfile.ZipFile(artifacts(ROOT, LAPTOP)[name].path) as package:
        names = set(package.namelist())
    sources = [Path(one) for one in names if one.endswith(".py")]
    tag = sys.implementation.cache_tag
    assert sources
    assert not [one for one in sources if f"{one.parent}/__pycache__/{one.stem}.{tag}.pyc" not in names]
