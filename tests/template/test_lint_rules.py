"""Each rule, shown a mistake that somebody could make in the templates of this repository."""

from functools import cache
from pathlib import Path

import pytest

from lakectl.lint import network
from lakectl.lint.project import Project, machine_of, read_project, template_of
from lakectl.lint.run import RULES, Rule, judge, lint
from lakectl.specs.finding import Findings
from template import mistakes_in_machines, mistakes_in_pipelines, mistakes_in_rooms
from template.mistakes_in_machines import MACHINE
from template.mistakes_in_rooms import ARRIVALS, LEDGER, STORAGE

ROOT = Path(__file__).parents[2]
SOUND = read_project(ROOT)
MISTAKES = mistakes_in_rooms.MISTAKES | mistakes_in_pipelines.MISTAKES | mistakes_in_machines.MISTAKES


def spoilt(file: str, right: str, wrong: str) -> Project:
    """The templates of this repository with one mistake in them."""
    text = (ROOT / file).read_text()
    assert right in text, f"{file} does not say {right!r} any more: plant this mistake elsewhere"
    planted = text.replace(right, wrong, 1)
    return Project(
        tuple(template_of(file, planted) if one.path == file else one for one in SOUND.templates),
        tuple(machine_of(file, planted) if one.path == file else one for one in SOUND.machines),
    )


@cache
def found(file: str, right: str, wrong: str) -> dict[Rule, Findings]:
    """What each rule says of one mistake."""
    project = spoilt(file, right, wrong)
    return {rule: Findings.of(rule(project)) for rule in RULES}


@pytest.mark.parametrize(("file", "right", "wrong", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_the_mistake_is_found(file: str, right: str, wrong: str, told: str) -> None:
    assert any(told in findings.text() for findings in found(file, right, wrong).values())


def test_a_finding_leads_to_the_line() -> None:
    project = spoilt(STORAGE, "VisibilityTimeout: 360", "VisibilityTimeout: 10")
    (finding,) = judge(project)
    (template,) = (one for one in project.templates if one.path == finding.path)
    assert template.text.splitlines()[finding.line - 1].strip() == "VisibilityTimeout: 10"


def test_a_template_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "foundations").mkdir()
    (tmp_path / ARRIVALS).write_text("AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\nResources: {}\n")
    assert "foundations/arrivals.yaml: Resources is said twice" in lint(tmp_path).text()


def test_more_states_than_fit_on_a_page_are_refused() -> None:
    more = "".join(f'"Step {number}": {{"Type": "Succeed"}}, ' for number in range(12))
    project = spoilt(MACHINE, '"Published": {', f'{more}"Published": {{')
    assert "22 states; at most 12" in judge(project).text()


def test_more_parameters_than_can_be_taken_in_are_refused() -> None:
    more = "".join(f"  More{number}: {{Type: String, Description: Set it.}}\n" for number in range(9))
    project = spoilt(LEDGER, "Parameters:\n", f"Parameters:\n{more}")
    assert "11 parameters; at most 10" in judge(project).text()


def test_a_function_and_an_endpoint_without_a_word_of_it_are_found() -> None:
    plain = "Resources:\n  F: {Type: AWS::Lambda::Function}\n  E: {Type: AWS::EC2::VPCEndpoint}\n"
    found = [finding.path for finding in network.check(Project((template_of("foundations/f.yaml", plain),), ()))]
    assert len(found) == 2
    assert len(list(network.check(Project((template_of("templates/cicd/f.yaml", plain),), ())))) == 1


def test_every_rule_has_a_mistake_that_it_finds() -> None:
    loud = {rule for mistake in MISTAKES.values() for rule, findings in found(*mistake[:3]).items() if findings}
    assert [rule.__module__ for rule in RULES if rule not in loud] == []
