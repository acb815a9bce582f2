"""AWS's own linter over all templates: seconds, not milliseconds, so it runs before a deployment and in CI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lakectl.lint.project import read_project
from lakectl.specs.finding import Finding, Findings


def cfn_lint(root: Path) -> Findings:
    """What cfn-lint says of the templates under `root`; its warnings are findings too."""
    return Findings.of(finding for template in read_project(root).templates for finding in _of(root, template.path))


def _of(root: Path, path: str) -> Iterator[Finding]:
    from cfnlint.api import lint_file  # type: ignore[import-untyped]

    for match in lint_file(root / path):
        yield Finding(path, match.linenumber, match.columnnumber, match.rule.id, match.message, match.rule.shortdesc)
