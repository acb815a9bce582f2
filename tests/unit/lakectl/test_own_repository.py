"""A team's own repository in the platform's tree: the team's files, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakectl.cicd.joined import join
from lakectl.failure import Failure

DATASET = "datasets/rail/x/dataset.yaml"


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    return written(
        tmp_path / "platform", "lake.yaml", "team/rail.yaml", "pipelines/standard.yaml", "datasets/sea/y.sql"
    )


def written(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"# {name}\n")
    return folder


def test_datasets_and_pipelines_are_laid_in_and_documents_left(platform: Path, tmp_path: Path) -> None:
    written(platform, "datasets/rail/gone/dataset.yaml")
    team = written(tmp_path / "team", DATASET, "pipelines/large.yaml", "README.md", "LICENSE", "docs/a.png", ".git/x")
    assert join(platform, "rail", team) == [DATASET, "pipelines/large.yaml"]
    assert sorted(one.name for one in (platform / "datasets/rail").iterdir()) == ["x"]
    assert (platform / "datasets/sea/y.sql").exists()
    assert not (platform / "README.md").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("datasets/sea/y.sql", "datasets/sea/y.sql is not the team's to say"),
        ("src/lake/core/run.py", "src/lake/core/run.py is not"),
        ("lake.yaml", "lake.yaml is not"),
        ("team/rail.yaml", "team/rail.yaml is not"),
        ("pipelines/more/x.yaml", "pipelines/more/x.yaml is not"),
        ("pipelines/standard.yaml", "Give the team's pipeline another name"),
    ],
)
def test_what_is_not_the_teams_is_refused_by_name(platform: Path, tmp_path: Path, file: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        join(platform, "rail", written(tmp_path / "team", DATASET, file))
    assert not (platform / "datasets/sea/x").exists()


def test_a_commit_without_datasets_a_link_and_an_unknown_team_are_refused(platform: Path, tmp_path: Path) -> None:
    team = written(tmp_path / "team", "README.md")
    with pytest.raises(Failure, match=r"no datasets/rail/ in this commit"):
        join(platform, "rail", team)
    with pytest.raises(Failure, match="Did you mean 'rail'"):
        join(platform, "rial", team)
    (team / "link").symlink_to("/etc/passwd")
    with pytest.raises(Failure, match="link is a link"):
        join(platform, "rail", team)
