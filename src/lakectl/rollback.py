"""An earlier commit, deployed as it was: its files, its compiler and its artifacts, from a work tree of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lakectl.failure import Failure
from lakectl.lock import lives

LINKED = ("envs", "jars", "spark", "glue", "stage-a", "build", "cloud", "data", "debugger")
"""What the commit may share with the present one: what is installed, what is named by its content, the local cloud."""
SHIPPED = ("stage-a.txt", "glue.txt", "jars.txt")
"""Requirements of what goes into artifacts."""
KNOWS_PLANS = "src/lakectl/lock.py"


def in_commit(root: Path, commit: str, verb: str, environment: str | None, words: Sequence[str] = ()) -> int:
    """Run a verb as the commit has it, on the commit's files; the exit code. Raises Failure where that cannot be."""
    with worktree(root, commit) as there:
        command = [sys.executable, "-m", "lakectl.main", verb, *words]
        command += ["--env", environment] if environment else []
        known = {**os.environ, "PYTHONPATH": str(there / "src")}
        _check_start(commit, [*command[:4], "--help"], there, known)
        return subprocess.run(command, cwd=there, env=known, check=False).returncode


@contextmanager
def worktree(root: Path, commit: str) -> Iterator[Path]:
    """The files of a commit in `.lake/worktrees`, taken away afterwards; the folder that holds its lake.yaml."""
    full = commit_of(root, commit)
    place = root / ".lake/worktrees" / f"{full[:12]}-{os.getpid()}"
    for left in place.parent.glob("*-*"):
        if not lives(int(left.name.rpartition("-")[2])):
            _remove(root, left)
    _git(root, "worktree", "add", "--quiet", "--force", "--detach", str(place), full)
    try:
        there = place / _git(root, "rev-parse", "--show-prefix").strip()
        _check(root, there, full)
        _share(root, there)
        yield there
    finally:
        _remove(root, place)


def commit_of(root: Path, commit: str) -> str:
    """The full name of a commit, a tag or a branch. Raises Failure for what is none."""
    done = _try_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    if done.returncode:
        recent = _try_git(root, "log", "--oneline", "-5").stdout.strip()
        known = f" The last ones:\n{recent}" if recent else " This folder is in no git repository, or it has no commit."
        raise Failure(f"'{commit}' is no commit of this repository.{known}")
    return done.stdout.strip()


def _check_start(commit: str, command: Sequence[str], there: Path, environment: Mapping[str, str]) -> None:
    """Ask the commit's verb for its help: packages that it needs and this one does not have are missed here."""
    done = subprocess.run(command, cwd=there, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise Failure(f"The lake command of commit {commit[:10]} does not start here: {said}. {_by_hand(commit[:10])}")


def _by_hand(short: str) -> str:
    return f"Deploy it from a clone of its own: git clone . ../{short}, check {short} out, make setup, lake deploy."


def _check(root: Path, there: Path, commit: str) -> None:
    short = commit[:10]
    by_hand = _by_hand(short)
    if not (there / "lake.yaml").exists():
        raise Failure(f"Commit {short} has no lake.yaml in this folder: there is nothing to deploy.")
    if not (there / KNOWS_PLANS).exists():
        raise Failure(
            f"Commit {short} knows no plan and no lock yet, so it cannot be gone back to from here. {by_hand}"
        )
    for name in SHIPPED:
        if (root / "requirements" / name).read_bytes() != (there / "requirements" / name).read_bytes():
            raise Failure(f"Commit {short} ships other packages than are installed (requirements/{name}). {by_hand}")


def _share(root: Path, there: Path) -> None:
    (there / ".lake").mkdir(exist_ok=True)
    (root / ".lake/build").mkdir(exist_ok=True)
    for name in LINKED:
        if (root / ".lake" / name).exists():
            (there / ".lake" / name).symlink_to(root / ".lake" / name)
    if not (there / ".venv").exists():
        (there / ".venv").symlink_to(root / ".venv")


def _remove(root: Path, place: Path) -> None:
    """Links first: nothing behind them is ours to remove."""
    for link in [*place.glob("**/.lake/*"), *place.glob("**/.venv")]:
        if link.is_symlink():
            link.unlink()
    _try_git(root, "worktree", "remove", "--force", str(place))
    shutil.rmtree(place, ignore_errors=True)  # where git knows nothing of it any more


def _git(root: Path, *words: str) -> str:
    done = _try_git(root, *words)
    if done.returncode:
        raise Failure(f"git {words[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _try_git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Failure("git is not installed, and a commit is to be deployed.") from error
