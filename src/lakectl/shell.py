"""The same deployment as plain `aws` commands, for people who want to see or do it by hand."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from lakectl.stacks import Blueprint, Stack
from lakectl.target import Target


def as_commands(target: Target, blueprint: Blueprint, stacks: Sequence[Stack]) -> Iterator[str]:
    """One command a line, in an order that works."""
    for stack in stacks:
        yield _deploy(target, stack)
        if stack.room == "artifacts":
            yield from _uploads(target, blueprint)


def _deploy(target: Target, stack: Stack) -> str:
    words = ["aws", "cloudformation", "deploy", "--region", target.region, "--stack-name", stack.name]
    words += ["--template-file", stack.template.relative_to(target.root).as_posix()]
    words += ["--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"]
    words += ["--parameter-overrides", *(f"{name}={value}" for name, value in stack.parameters.items())]
    words += ["--tags", *(f"{name}={value}" for name, value in stack.tags.items())]
    return shlex.join(words)


def _uploads(target: Target, blueprint: Blueprint) -> Iterator[str]:
    name = f"/lake/{target.domain}/{target.environment}/artifacts/platform/bucket"
    yield f"BUCKET=$(aws ssm get-parameter --name {name} --query Parameter.Value --output text)"
    for artifact in blueprint.files:
        path = artifact.path.relative_to(target.root).as_posix()
        yield f'aws s3 cp {shlex.quote(path)} "s3://$BUCKET/{artifact.key}"'
