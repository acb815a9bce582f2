"""What the editors are told: modules that are there, ports where the debugger waits, folders that map."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lakectl.debugger import PORT

ROOT = Path(__file__).parents[3]
CODE = json.loads((ROOT / ".vscode/launch.json").read_text())["configurations"]
PYCHARM = sorted((ROOT / ".run").glob("*.run.xml"))


@pytest.mark.parametrize("one", CODE, ids=lambda one: one["name"])
def test_a_configuration_of_vs_code_fits(one: dict) -> None:  # type: ignore[type-arg]
    if one["request"] == "attach":
        assert one["connect"] == {"host": "127.0.0.1", "port": PORT}
        for mapping in one.get("pathMappings", []):
            local = Path(mapping["localRoot"].replace("${workspaceFolder}", str(ROOT)))
            assert (local / "lake/handlers").is_dir()
            assert mapping["remoteRoot"] == "/var/task"
    else:
        assert importlib.util.find_spec(one["module"])
        assert all((ROOT / word).exists() for word in one["args"] if word.startswith("tests/"))


@pytest.mark.parametrize("path", PYCHARM, ids=lambda path: path.name)
def test_a_configuration_of_pycharm_fits(path: Path) -> None:
    options = {one.get("name"): one.get("value", "") for one in ElementTree.parse(path).iter("option")}
    assert importlib.util.find_spec(options["SCRIPT_NAME"])
    assert all((ROOT / word).exists() for word in options["PARAMETERS"].split() if word.startswith("tests/"))
