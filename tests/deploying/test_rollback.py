"""An earlier commit is deployed as it was, with its own artifacts, and leaves nothing in the clone."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from clone import Lake
from deploying.conftest import DATASET, Lives, commit, planned, written
from lakectl import versions

pytestmark = pytest.mark.slow


def route(lake: Lake) -> tuple[int, str, str]:
    """Memory, digest of the code, and release of the route function that is called."""
    found = called(lake)
    return int(found["MemorySize"]), str(found["CodeSha256"]), str(found["Description"])


def called(lake: Lake) -> Any:
    name = lake.target.setting("arrivals", "platform", "live-arn")
    return lake.target.client("lambda").get_function_configuration(FunctionName=name)


def test_going_back_brings_code_templates_and_datasets_of_a_commit(lake: Lake, first: Lives) -> None:
    written(lake)
    before, good, first_version = route(lake), commit(lake, "good"), int(called(lake)["Version"])
    table = lake.root / f"datasets/aviation/{DATASET}/dataset.yaml"
    said = table.read_text()
    room, code = lake.root / "foundations/arrivals.yaml", lake.root / "src/lake/core/claim.py"
    texts = {file: file.read_text() for file in (table, room, code)}
    table.write_text(said.replace("table: {mode: replace}", "  - {name: since, type: int}\ntable: {mode: replace}"))
    room.write_text(texts[room].replace("MemorySize: 1024", "MemorySize: 1152"))
    code.write_text(texts[code] + "\n# another version\n")
    commit(lake, "bad")
    written(lake)
    worse = route(lake)
    second_version = int(called(lake)["Version"])
    assert worse[0] == 1152 and worse[1] != before[1] and second_version > first_version

    assert "column since is gone" in lake.command("plan", "--rollback-to", good[:8], expect=2)
    lake.command("deploy", "--rollback-to", good[:8])
    assert route(lake) == before
    kept = versions.published(lake.target, called(lake)["FunctionName"])
    assert {first_version, second_version} < set(kept), "what was published stays for a while"
    assert _worktrees(lake) == 1 and not list((lake.root / ".lake/worktrees").iterdir())
    assert room.read_text() != texts[room], "the clone's own files are not touched"

    for file, text in texts.items():
        file.write_text(text)
    assert planned(lake).changes == ()


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere", "'nowhere' is no commit of this repository"), ("--all", "no commit")]
)
def test_what_is_no_commit_is_answered(lake: Lake, first: Lives, name: str, said: str) -> None:
    assert said in " ".join(lake.command("deploy", f"--rollback-to={name}", expect=1).split())


def test_a_commit_whose_packages_are_not_installed_is_refused(lake: Lake, first: Lives) -> None:
    verb = lake.root / "src/lakectl/commands/deploy.py"
    text = verb.read_text()
    verb.write_text(f"{text}\nimport a_package_of_those_days\n")
    try:
        old = commit(lake, "with a package more")
    finally:
        verb.write_text(text)
        commit(lake, "without it")
    said = " ".join(lake.command("deploy", "--rollback-to", old[:8], expect=1).split())
    assert "does not start here: ModuleNotFoundError: No module named 'a_package_of_those_days'" in said
    assert "Deploy it from a clone of its own" in said


def test_a_commit_from_before_plans_is_refused(lake: Lake, first: Lives) -> None:
    lock = lake.root / "src/lakectl/lock.py"
    text = lock.read_text()
    lock.unlink()
    try:
        old = commit(lake, "as if it were old")
    finally:
        lock.write_text(text)
        commit(lake, "as it is")
    assert "knows no plan and no lock yet" in " ".join(lake.command("deploy", f"--rollback-to={old}", expect=1).split())


def _worktrees(lake: Lake) -> int:
    asked = ["git", "-C", str(lake.root), "worktree", "list"]
    return len(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines())
