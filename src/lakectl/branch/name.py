"""`pr-12`, the environment of pull request 12: a branch of the first environment, and none of lake.yaml."""

from __future__ import annotations

import re

from lakectl.failure import Failure
from lakectl.specs.lake import LakeSpec
from lakectl.specs.name import DOUBLE

_NAME = re.compile(r"pr-([1-9]\d{0,5})")
_TABLE = re.compile(rf"\w+{DOUBLE}pr([1-9]\d{{0,5}})")


def number_of(environment: str | None) -> str | None:
    """The pull request whose branch an environment's name means; None for any other name."""
    found = _NAME.fullmatch(environment or "")
    return found[1] if found else None


def base_of(lake: LakeSpec) -> str:
    """The environment that branches are of: the first that a commit reaches."""
    return (lake.cicd.promote or list(lake.environments))[0]


def mark_of(number: str) -> str:
    """What tells the doubles of a branch from others."""
    return f"pr{number}"


def number_in(double: str) -> str | None:
    """The pull request whose branch a double is of; None for one that a verification made."""
    found = _TABLE.fullmatch(double)
    return found[1] if found else None


def check_no_branch(lake: LakeSpec, environment: str | None) -> None:
    """Raise Failure where a command that knows no branches is asked for one."""
    if number_of(environment):
        raise Failure(
            f"{environment} is the branch of a pull request. lake deploy, query and destroy know branches, and "
            f"lake branches lists them; everything else is done in {base_of(lake)}."
        )
