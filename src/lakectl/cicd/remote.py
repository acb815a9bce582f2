"""Git on the laptop: the remote `local`, which signs its pushes as the local cloud's administrator."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from lakectl.failure import Failure
from lakelocal import cloud

REMOTE = "local"
MIRRORS = "/v1/mirrors/"
"""Where the local cloud keeps what stands for a repository behind a connection."""


def add_remote(root: Path, url: str, region: str) -> None:
    """Make `git push local main` work in this clone; asking again changes nothing."""
    if not (root / ".git").exists():
        raise Failure(f"{root} is no git repository: `git init`, commit, and run this again.")
    keys = {"AWS_ACCESS_KEY_ID": cloud.ACCOUNT, "AWS_SECRET_ACCESS_KEY": cloud.SECRET, "AWS_REGION": region}
    said = " ".join(f"{name}={value}" for name, value in keys.items())
    helper = f"!env -u AWS_SESSION_TOKEN {said} {shlex.quote(sys.executable)} -m lakectl.git_credential"
    section = f"credential.{url}"
    _git(root, "config", "--replace-all", f"{section}.helper", "")  # forget the helpers of other places
    _git(root, "config", "--add", f"{section}.helper", helper)
    _git(root, "config", f"{section}.useHttpPath", "true")
    known = _git(root, "remote").split()
    _git(root, "remote", *(("set-url",) if REMOTE in known else ("add",)), REMOTE, url)


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"git {shlex.join(words)}: {done.stderr.strip()}")
    return done.stdout
