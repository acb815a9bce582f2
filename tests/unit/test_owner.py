"""A push starts the pipelines of those whose files it changes, and no other."""

from __future__ import annotations

import pytest

from lake.core.owner import owners_of
from lake.handlers.start_pipelines import started_by


@pytest.mark.parametrize(
    ("paths", "owners"),
    [
        (["datasets/rail/departures/dataset.yaml"], ("rail",)),
        (["datasets/rail/departures/sample/a.csv", "datasets/aviation/flights/heavy.sql"], ("aviation", "rail")),
        (["datasets/rail/departures/dataset.yaml", "src/lake/core/run.py"], ("platform",)),
        (["team/rail.yaml"], ("platform",)),
        (["datasets/template.yaml"], ("platform",)),
        (["datasets/rail/dataset.yaml"], ("platform",)),
        (["docs/cost.md", "README.md"], ()),
        (["docs/cost.md", "datasets/rail/departures/light.sql"], ("rail",)),
        ([], ()),
    ],
)
def test_owners(paths: list[str], owners: tuple[str, ...]) -> None:
    assert owners_of(paths) == owners


class Commits:
    def __init__(self, *paths: str) -> None:
        self.paths = list(paths)

    def changed(self, repository: str, before: str, after: str) -> list[str]:
        assert (repository, before, after) == ("lake", "1", "2")
        return self.paths


class Pipelines:
    def __init__(self, *names: str) -> None:
        self.names = names
        self.started: list[tuple[str, str]] = []

    def start(self, name: str, commit: str) -> bool:
        if name in self.names:
            self.started.append((name, commit))
        return name in self.names


PUSH = {"repositoryName": "lake", "commitId": "2", "oldCommitId": "1"}
RAIL = "datasets/rail/departures/dataset.yaml"


def test_the_commit_that_was_pushed_is_the_one_that_runs() -> None:
    pipelines = Pipelines("lake-platform", "lake-rail")
    assert started_by(Commits(RAIL), pipelines, "lake", PUSH) == ("rail",)
    assert pipelines.started == [("lake-rail", "2")]


def test_the_first_push_of_a_branch_is_the_platforms() -> None:
    pipelines = Pipelines("lake-platform", "lake-rail")
    first = {name: value for name, value in PUSH.items() if name != "oldCommitId"}
    assert started_by(Commits(), pipelines, "lake", first) == ("platform",)


def test_a_team_without_a_pipeline_is_deployed_by_the_platform() -> None:
    pipelines = Pipelines("lake-platform")
    assert started_by(Commits(RAIL), pipelines, "lake", PUSH) == ("platform",)
    assert pipelines.started == [("lake-platform", "2")]
