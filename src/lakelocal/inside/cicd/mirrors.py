"""Mirrors: bare repositories under owner/name, which stand for those of GitHub, GitLab and Bitbucket."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lakelocal.inside.cicd import git
from lakelocal.inside.cicd.failure import Refused

NAME = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)+")
"""owner/name; GitLab has groups within groups."""
Moved = Callable[[str, dict[str, str], dict[str, str]], None]


class Mirrors:
    """One repository a name, made when somebody pushes to it. `tell_moved` is called after each push."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "mirrors"
        self.tell_moved: Moved = lambda name, before, after: None

    def path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise Refused("InvalidRepository", f"{name} is no repository behind a connection: write owner/name")
        return self._folder / f"{name}.git"

    def there(self, name: str) -> bool:
        return self.path(name).exists()

    def make(self, name: str) -> None:
        """Make it; asking again changes nothing."""
        if not self.there(name):
            git.create(self.path(name))
