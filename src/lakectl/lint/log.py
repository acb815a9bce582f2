"""Logs have a group of their own that forgets, and every function and every build writes to one."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.lint.document import target_of
from lakectl.lint.project import Project
from lakectl.specs.finding import Finding


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for group in template.of_type("AWS::Logs::LogGroup"):
            if not group.properties.get("RetentionInDays"):
                yield template.finding((group.name,), "keeps logs for ever.", "Set RetentionInDays.")
        for build in template.of_type("AWS::CodeBuild::Project"):
            said = (build.properties.get("LogsConfig") or {}).get("CloudWatchLogs") or {}
            if target_of(said.get("GroupName")) not in template.resources:
                hint = "Set LogsConfig.CloudWatchLogs.GroupName to a group in this template."
                yield template.finding((build.name,), "logs to a group that CodeBuild makes, kept for ever.", hint)
        for function in template.of_type("AWS::Lambda::Function"):
            group_name = target_of((function.properties.get("LoggingConfig") or {}).get("LogGroup"))
            if group_name not in template.resources:
                hint = "Set LoggingConfig: {LogGroup: !Ref …} to a group in this template."
                yield template.finding((function.name,), "logs to a group that Lambda makes, kept for ever.", hint)
