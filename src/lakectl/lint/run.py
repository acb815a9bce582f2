"""All rules over all templates of a lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from yaml import YAMLError  # type: ignore[import-untyped]

from lakectl.lint import (
    action,
    alarm,
    alias,
    announcement,
    batching,
    boundary,
    build,
    dead_letter,
    handing,
    kept,
    log,
    machine,
    name,
    network,
    physical_name,
    pipeline,
    principal,
    publisher,
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
    alias.check,
    announcement.check,
    batching.check,
    boundary.check,
    build.check,
    dead_letter.check,
    handing.check,
    kept.check,
    log.check,
    machine.check,
    name.check,
    network.check,
    physical_name.check,
    pipeline.check,
    principal.check,
    publisher.check,
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
