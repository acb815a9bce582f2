"""A release names code and configuration of the functions of a template, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lakectl import package
from lakectl.compile import compile_lake
from lakectl.lint.document import read
from lakectl.release import PARAMETER, release_of
from lakectl.specs.load import load_lake
from lakectl.specs.pipeline import StageA
from lakectl.stacks import Blueprint, filled, stacks_of

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "pipelines/stage-a.yaml").read_text()
VALUES = {"StageACode": "functions/one.zip", "Timeout": "300", "Tracing": "PassThrough"}


def _blueprint() -> Blueprint:
    artifacts = package.artifacts(ROOT, package.LAPTOP)
    return Blueprint(load_lake(ROOT), "dev", package.LAPTOP, artifacts, compile_lake(ROOT, "dev"))


def test_it_is_the_same_as_long_as_nothing_changes() -> None:
    assert release_of(read(TEXT), VALUES) == release_of(read(TEXT), dict(VALUES))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("StageACode", "functions/two.zip"),
        ("Timeout", "120"),
        ("Network", "10.20.0.0/20"),
        (PARAMETER, "another largest object"),
    ],
)
def test_what_a_function_is_told_makes_another_release(name: str, value: str) -> None:
    assert release_of(read(TEXT), VALUES) != release_of(read(TEXT), {**VALUES, name: value})


def test_a_default_counts_as_what_it_is() -> None:
    assert release_of(read(TEXT), VALUES) == release_of(read(TEXT), {**VALUES, "Machine": "arm64,8192,2048,10"})


@pytest.mark.parametrize(("old", "new"), [("LAKE_DOMAIN:", "LAKE_REALM:"), ("stage_a.handler", "stage_b.handler")])
def test_what_a_template_says_of_a_function_makes_another_release(old: str, new: str) -> None:
    assert release_of(read(TEXT), VALUES) != release_of(read(TEXT.replace(old, new)), VALUES)


def test_what_is_beside_the_function_makes_none() -> None:
    before = release_of(read(TEXT), VALUES)
    assert release_of(read(TEXT.replace("Threshold: 3600", "Threshold: 7200")), VALUES) == before


def test_the_largest_object_of_a_pipeline_reaches_the_function_that_finds_it_written_down() -> None:
    """It lies in a setting of stage-a-large; a release of stage A makes CloudFormation read the setting again."""
    plain = _blueprint()
    standard = plain.lake.pipelines["standard"]
    smaller = [
        stage.model_copy(update={"largest": stage.largest // 2}) if isinstance(stage, StageA) else stage
        for stage in standard.spec.stages
    ]
    spec = standard.spec.model_copy(update={"stages": tuple(smaller)})
    lake = replace(plain.lake, pipelines={**plain.lake.pipelines, "standard": replace(standard, spec=spec)})
    before, after = (
        {stack.name: stack.parameters.get(PARAMETER) for stack in stacks_of(one)}
        for one in (plain, replace(plain, lake=lake))
    )
    assert {name for name, release in before.items() if after[name] != release} == {
        "lake-dev-stage-a-aviation",
        "lake-dev-stage-a-rail",
    }


def test_a_template_without_functions_is_asked_for_no_release() -> None:
    known = {"Domain": "lake", "Environment": "dev"}
    assert PARAMETER not in filled(ROOT / "foundations/events.yaml", known)


def test_every_stack_with_functions_says_its_release() -> None:
    for stack in stacks_of(_blueprint()):
        has = "AWS::Lambda::Function" in stack.template.read_text()
        assert bool(stack.parameters.get(PARAMETER)) == has, stack.name
