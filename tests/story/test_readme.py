"""Every command that the documents show is run, on the lake that the journey left."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
LAKE = ".venv/bin/lake "
SAM = "sam build && sam local invoke Route -e tests/events/route/one-object.json"
BY_OTHERS = {
    "make demo": "tests/story/test_fresh_clone.py",
    "make test": ".ci/run",
    "make sam": "Makefile",
    SAM: "tests/sam/test_every_event.py",
    "make bench": "bench/__main__.py",
    'make bench BENCH="csv --rounds 3"': "bench/__main__.py",
    f"{LAKE}plan --rollback-to v1.4": "tests/deploying/test_rollback.py",
    f"{LAKE}deploy --rollback-to v1.4": "tests/deploying/test_rollback.py",
}
ENDS = ("local down", "local reset")


def shown() -> list[str]:
    """Commands in code blocks and code spans of the README, the rooms' READMEs and the how-tos, in order, each once."""
    found: dict[str, None] = {}
    pages = [ROOT / "README.md", *sorted(ROOT.glob("*/README.md")), *sorted(ROOT.glob("docs/how-to/*.md"))]
    for document in [*pages, ROOT / "docs/operations.md"]:
        text = document.read_text()
        for block in re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE):
            found |= dict.fromkeys(line.partition("  #")[0].strip() for line in block.splitlines() if line.strip())
        found |= dict.fromkeys(re.findall(rf"(?<!`)`({re.escape(LAKE)}[^`]+)`", text))
        found |= dict.fromkeys(re.findall(rf"^ {{4}}({re.escape(LAKE)}.+)$", text, re.MULTILINE))
    return list(found)


@pytest.mark.parametrize("command", [one for one in shown() if one.startswith(LAKE) and one not in BY_OTHERS])
def test_a_command_of_the_documents_works(command: str, lake: Any, journey: Any) -> None:
    words = shlex.split(command.removeprefix(LAKE))
    if " ".join(words[:2]) in ENDS:
        pytest.fail(f"{command} would end the lake of the other stories: show it in a document that no story runs")
    assert lake.command(*words)


@pytest.mark.parametrize("command", [one for one in shown() if not one.startswith(LAKE) or one in BY_OTHERS])
def test_any_other_command_is_run_by_someone(command: str) -> None:
    assert command in BY_OTHERS, f"{command} is run by no test"
    assert (ROOT / BY_OTHERS[command]).exists()
    if command == "make test":
        assert command in (ROOT / ".ci/run").read_text()
