"""A team's own repository laid into the platform that it builds on, as the team's pipeline does before its check.

`python -m lakectl.cicd.joined TEAM FOLDER`, in the platform's tree; FOLDER holds the team's commit.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from lakectl.failure import Failure
from lakectl.main import saying_errors
from lakectl.root import find_root
from lakectl.specs.load import team_names
from lakectl.specs.name import nearest

DOCUMENTS = (".md", ".txt", ".rst")
OWN = "A team's repository holds datasets/{team}/, pipelines/<name>.yaml and documents, no more."


def join(root: Path, team: str, folder: Path) -> list[str]:
    """Copy the team's datasets and pipelines; what was laid in, sorted. Raises Failure for what is not the team's."""
    teams = team_names(root)
    if team not in teams:
        raise Failure(f"No team '{team}'. {nearest(team, teams)}")
    ours = sorted(_files(folder, team))
    if not any(path.startswith("datasets/") for path in ours):
        raise Failure(f"There is no datasets/{team}/ in this commit. {OWN.format(team=team)}")
    shutil.rmtree(root / "datasets" / team, ignore_errors=True)
    for path in ours:
        if path.startswith("pipelines/") and (root / path).exists():
            raise Failure(f"{path} is a file of the platform's. Give the team's pipeline another name.")
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / path, root / path)
    return ours


def _files(folder: Path, team: str) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_symlink():
            raise Failure(f"{path} is a link. {OWN.format(team=team)}")
        if not file.is_file() or path.startswith(".") or path.startswith("docs/"):
            continue
        parts = path.split("/")
        if parts[:2] == ["datasets", team] or (parts[0] == "pipelines" and len(parts) == 2 and file.suffix == ".yaml"):
            yield path
        elif len(parts) > 1 or (file.suffix not in DOCUMENTS and file.suffix):
            raise Failure(f"{path} is not the team's to say. {OWN.format(team=team)}")


if __name__ == "__main__":
    with saying_errors():
        join(find_root(), sys.argv[1], Path(sys.argv[2]))
