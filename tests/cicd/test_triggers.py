"""Which pushes a trigger fits, without any cloud."""

from __future__ import annotations

from typing import Any

import pytest

from lakelocal.inside.cicd.triggers import Push, starts, wrong

MINE = {"includes": ["datasets/rail/**"]}
RELEASES = {"includes": ["release/*"], "excludes": ["release/old"]}
REST = {"excludes": ["datasets/*/**", "*.md", "**/*.md"]}


def pipeline(*filters: dict[str, Any], **settings: str) -> dict[str, Any]:
    about = {"ConnectionArn": "arn:c", "FullRepositoryId": "o/n", "BranchName": "main", **settings}
    kind = {"provider": "CodeStarSourceConnection"}
    actions = [{"name": "Source", "actionTypeId": kind, "configuration": about}]
    git = {"sourceActionName": "Source", "push": list(filters)}
    triggers = [{"providerType": "CodeStarSourceConnection", "gitConfiguration": git}] if filters else []
    return {"stages": [{"actions": actions}], "triggers": triggers}


def on_main(paths: dict[str, Any]) -> dict[str, Any]:
    return pipeline({"branches": {"includes": ["main"]}, "filePaths": paths})


def push(*paths: str, reference: str = "refs/heads/main", new: bool = False, repository: str = "o/n") -> Push:
    return Push(repository, reference, "c", None if new else paths)


@pytest.mark.parametrize(
    ("declared", "pushed", "fits"),
    [
        (on_main(MINE), push("datasets/rail/x/dataset.yaml"), True),
        (on_main(MINE), push("datasets/railway/x/dataset.yaml"), False),
        (on_main(MINE), push("datasets/sea/x.sql", "datasets/rail/x.sql"), True),
        (on_main(MINE), push("datasets/rail/x.sql", reference="refs/heads/other"), False),
        (on_main(MINE), push("datasets/rail/x.sql", repository="o/another"), False),
        (on_main(MINE), push(new=True), False),  # nothing to compare with
        (on_main(REST), push("datasets/rail/x.sql"), False),
        (on_main(REST), push("datasets/template.yaml"), True),
        (on_main(REST), push("README.md", "docs/a.md"), False),
        (on_main(REST), push("README.md", "src/a.py"), True),
        (pipeline({"branches": RELEASES}), push(reference="refs/heads/release/1"), True),
        (pipeline({"branches": RELEASES}), push(reference="refs/heads/release/old"), False),
        (pipeline({"branches": {"includes": ["release/*"]}}), push(reference="refs/heads/release/1/2"), False),
        (pipeline({"branches": {"includes": ["main"]}}), push(new=True), True),
        (pipeline({"branches": {"includes": ["v1"]}}), push(reference="refs/tags/v1"), False),
        (pipeline({"tags": {"includes": ["v?"]}}), push(reference="refs/tags/v1"), True),
        (pipeline({"tags": {"includes": ["v?"]}}), push(), False),
        (pipeline(), push("anything"), True),
        (pipeline(), push("anything", reference="refs/heads/other"), False),
        (pipeline(DetectChanges="false"), push("anything"), False),
    ],
)  # fmt: skip
def test_a_push_starts_what_the_filter_says(declared: dict[str, Any], pushed: Push, fits: bool) -> None:
    assert bool(starts(declared, pushed)) is fits


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (pipeline({"tags": MINE, "branches": MINE}), "tags, or branches"),
        (pipeline({"filePaths": MINE}), "has branches as well"),
        (pipeline({"branches": {"includes": ["{a,b}"]}}), "no more of {a,b}"),
    ],
)
def test_what_aws_or_the_local_cloud_would_not_take_is_said(declared: dict[str, Any], said: str) -> None:
    assert any(said in one for one in wrong(declared))


def test_a_trigger_of_no_source_is_said() -> None:
    declared = pipeline({"branches": MINE})
    declared["triggers"][0]["gitConfiguration"]["sourceActionName"] = "Sauce"
    assert ["Sauce" in one for one in wrong(declared)] == [True]


def test_a_pipeline_of_pull_requests_is_taken_and_no_push_starts_it() -> None:
    declared = on_main(MINE)
    git = declared["triggers"][0]["gitConfiguration"]
    git["pullRequest"] = [{"events": ["OPEN", "UPDATED"], "branches": git.pop("push")[0]["branches"]}]
    assert list(wrong(declared)) == []
    assert starts(declared, push("datasets/rail/x.sql")) is None
