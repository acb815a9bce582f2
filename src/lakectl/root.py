"""The repository that a command works on: the nearest folder upwards that holds lake.yaml."""

from __future__ import annotations

from pathlib import Path

from lakectl.failure import Failure


def find_root(start: Path | None = None) -> Path:
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "lake.yaml").exists():
            return folder
    raise Failure(f"No lake.yaml in {here} or above it. Run the command inside the lake's repository.")
