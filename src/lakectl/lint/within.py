"""What a role below the platform may do lies within its team's boundary, or IAM would refuse it at run time only."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lakectl.lint.boundary import BELOW
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding


def check(project: Project) -> Iterator[Finding]:
    bounds = [
        action
        for template in project.templates
        if template.path.startswith(BELOW)  # the boundary of pipelines bounds no team
        for statement in template.statements
        if statement.resource.type == "AWS::IAM::ManagedPolicy"
        for action in statement.actions
    ]
    for template in project.templates:
        if not template.path.startswith(BELOW):
            continue
        for statement in template.statements:
            if statement.resource.type != "AWS::IAM::Role" or statement.policy == "AssumeRolePolicyDocument":
                continue
            for action in statement.actions:
                if not any(fnmatchcase(action, bound) for bound in bounds):
                    words = (statement.resource.name, statement.sid, action)
                    yield template.finding(words, f"no boundary lets a team's role do {action}.", "Widen the boundary.")
