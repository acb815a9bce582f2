"""A copy of the repository for tests that need a lake of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
COPIED = (
    *("src", "foundations", "team", "pipelines", "datasets", "schemas", "requirements"),
    *("lake.yaml", "template.yaml", "samconfig.toml", "Makefile"),
)
LINKED = ("envs", "jars", "glue", "stage-a", "debugger", "data", "stamps")


def copy_of_repository(folder: Path) -> Path:
    """The sources copied, what was installed linked; its cloud's state is its own."""
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, folder / name)
    (folder / ".lake").mkdir()
    for name in LINKED:
        (folder / ".lake" / name).symlink_to(REPOSITORY / ".lake" / name)
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    return folder
