"""All rules over all templates of a lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from yaml import YAMLError  # type: ignore[import-untyped]

from lakectl.lint import (
    action,
    alarm,
    announcement,
    batching,
    boundary,
    dead_letter,
    kept,
    log,
    machine,
    name,
    physical_name,
    principal,
    sid,
    size,
    transport,
    visibility,
    wildcard,
    within,
)
from lakectl.lint.project import Project, read_project
from lakectl.specs.finding import Finding, Findings

Rule = Callable[[Project], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    action.check,
    alarm.check,
    announcement.check,
    batching.check,
    boundary.check,
    dead_letter.check,
    kept.check,
    log.check,
    machine.check,
    name.check,
    physical_name.check,
    principal.check,
    sid.check,
    size.check,
    transport.check,
    visibility.check,
    wildcard.check,
    within.check,
)


def lint(root: Path) -> Findings:
    """What our own rules say of the templates and state machines under `root`; no AWS."""
    try:
        return judge(read_project(root))
    except YAMLError as error:
        return Findings.of([Finding(str(root.name), 1, 1, "", f"a template is no YAML: {error}", "Correct it.")])


def judge(project: Project) -> Findings:
    """What our own rules say of these templates and state machines."""
    return Findings.of(finding for rule in RULES for finding in rule(project))
