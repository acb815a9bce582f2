"""Every path that the documents name is there, and the walk names each file once."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = re.compile(r"`((?:src|foundations|team|pipelines|datasets|tests|docs|requirements|tools)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def documents() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines()]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_in_a_document_is_there(document: Path) -> None:
    text = document.read_text()
    missing = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    missing += [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert missing == []


def test_the_site_leads_to_every_document() -> None:
    """Decisions have a list of their own."""
    led = re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text())
    written = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(led) == sorted(one for one in written if not one.startswith("decisions/") or "README" in one)


def test_the_walk_names_each_file_once() -> None:
    named = Counter(path for path in PATH.findall((ROOT / "docs/follow-one-object.md").read_text()) if "." in path)
    assert {path: times for path, times in named.items() if times > 1} == {}
