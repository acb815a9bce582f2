"""Bare git repositories on disk, and what is asked of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from lakelocal.inside.cicd.failure import Refused

ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


def environment() -> dict[str, str]:
    """A git that reads no settings of the person at the laptop."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), **ENVIRONMENT}


def run(repository: Path, *words: str) -> bytes:
    """What git says. Raises Refused with git's own words."""
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, env=environment(), check=False)
    if done.returncode:
        raise Refused("InvalidRequestException", done.stderr.decode(errors="replace").strip())
    return done.stdout


def say(repository: Path, *words: str) -> str:
    return run(repository, *words).decode(errors="replace").strip()


def create(repository: Path) -> None:
    repository.mkdir(parents=True)
    run(repository, "init", "-q", "--bare", "-b", "main", ".")
    run(repository, "config", "http.receivepack", "true")


def commit_of(repository: Path, name: str) -> str | None:
    """The commit that a branch, a tag or an abbreviation names."""
    try:
        return say(repository, "rev-parse", "-q", "--verify", "--end-of-options", f"{name}^{{commit}}")
    except Refused:
        return None


def merge_base(repository: Path, one: str, other: str) -> str:
    """The newest commit that both have; "" where they have none."""
    try:
        return say(repository, "merge-base", one, other)
    except Refused:
        return ""


def move(repository: Path, reference: str, before: str, after: str) -> None:
    """Move a branch on. Raises Refused where it is not there any more where it was."""
    try:
        run(repository, "update-ref", reference, after, before)
    except Refused as error:
        raise Refused("ConcurrentReferenceUpdateException", f"{reference} has moved meanwhile") from error


def check_out(repository: Path, version: str, folder: Path) -> str:
    """A clone of a repository in an empty folder, at a commit or a branch; the commit's full id."""
    commit = commit_of(repository, version or "HEAD")
    if commit is None:
        raise Refused("CommitDoesNotExistException", f"{version or 'HEAD'} is not in {repository.stem}")
    run(repository, "clone", "-q", "--no-checkout", ".", str(folder))
    run(folder, "checkout", "-q", "--detach", commit)
    return commit


def references(repository: Path) -> dict[str, str]:
    """Every branch and tag by its full name, with its commit."""
    lines = say(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def archive(repository: Path, commit: str) -> bytes:
    """The files of a commit as a zip."""
    return run(repository, "archive", "--format=zip", "-1", commit)


def changed(repository: Path, before: str | None, after: str) -> list[tuple[str, str]]:
    """What differs between two commits as (A, M or D; path); all files are added where there is none before."""
    if before is None:
        return [
            ("A", path) for path in say(repository, "ls-tree", "-r", "--name-only", "-z", after).split("\0") if path
        ]
    words = say(repository, "diff", "--no-renames", "--name-status", "-z", before, after).split("\0")
    return [(words[at][0], words[at + 1]) for at in range(0, len(words) - 1, 2)]
