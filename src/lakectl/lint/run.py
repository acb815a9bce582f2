"""All rules over all templates of a lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from yaml import YAMLError  # type: ignore[import-untyped]

from lakectl.lint import (
    access_log,
    action,
    alarm,
    alias,
    announcement,
    batching,
    boundary,
    build,
    cycle,
    dead_letter,
    execution,
    handing,
    history,
    kept,
    key_use,
    leading_key,
    length,
    log,
    log_key,
    machine,
    memory,
    name,
    network,
    payload,
    physical_name,
    pipeline,
    principal,
    publisher,
    rule_role,
    sid,
    size,
    tag,
    task_role,
    transport,
    visibility,
    wildcard,
    within,
)
from lakectl.lint.project import Project, read_project
from lakectl.specs.finding import Finding, Findings

Rule = Callable[[Project], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    access_log.check,
    action.check,
    alarm.check,
    alias.check,
    announcement.check,
    batching.check,
    boundary.check,
    build.check,
    cycle.check,
    dead_letter.check,
    execution.check,
    handing.check,
    history.check,
    kept.check,
    key_use.check,
    leading_key.check,
    length.check,
    log.check,
    log_key.check,
    machine.check,
    memory.check,
    name.check,
    network.check,
    payload.check,
    physical_name.check,
    pipeline.check,
    principal.check,
    publisher.check,
    rule_role.check,
    sid.check,
    size.check,
    tag.check,
    task_role.check,
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
