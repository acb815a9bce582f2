"""How a build of the deployment account acts in an environment of another account or region: by that one's role.

Both roles have names that either side knows beforehand, so that each can be made before the other is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from lake.core.owner import PLATFORM
from lakectl.failure import Failure
from lakectl.specs.lake import LakeSpec
from lakectl.specs.load import load_settings
from lakectl.target import Target, aimed, check_account, environment_of, target_at, target_for

CICD = "cicd"
"""Second part of the names of everything of the pipelines; no environment of the lake may be called so."""
BUILDS = ("deploy", "verify", "teams")
ROLE_NAME = 64
"""Characters of a role's name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def in_names(owner: str) -> str:
    """An owner as it stands in the names of stacks and roles: stacks allow no underscore."""
    return owner.replace("_", "-")


def is_apart(spec: LakeSpec, environment: str) -> bool:
    """Whether an environment is in another account or region than the pipelines."""
    place, home = spec.environments[environment], spec.deployment
    return (place.account, place.region) != (home.account, home.region)


def build_role(spec: LakeSpec, build: str, owner: str) -> str:
    """The ARN of the role as which an owner's build runs, in the deployment account."""
    name = f"{spec.domain}-{CICD}-{build}-{in_names(owner)}"
    return _role_arn(spec.deployment.account, spec.deployment.region, name)


def reached_role(spec: LakeSpec, build: str, environment: str, owner: str) -> str:
    """The ARN of the role that this build assumes in an environment that is apart."""
    place, name = spec.environments[environment], f"{spec.domain}-{CICD}-{environment}-{build}-{in_names(owner)}"
    return _role_arn(place.account, place.region, name)


def _role_arn(account: str, region: str, name: str) -> str:
    return f"arn:{_partition_of(region)}:iam::{account}:role/{name}"


@cache  # each session reads the list of all endpoints of AWS again
def _partition_of(region: str) -> str:
    return boto3.Session().get_partition_for_region(region)


def acting_in(root: Path, environment: str | None, build: str, owner: str | None) -> Target:
    """The target of `--env` for a build of this owner; for whoever is no build, the one of its own credentials.

    Raises Failure for the credentials of another account, and where the target does not let the build in.
    """
    spec, target = load_settings(root), aimed(root, environment)
    if owner is None or not is_apart(spec, target.environment) or not _runs_as(target, build_role(spec, build, owner)):
        return target_for(root, environment)
    return _reached(spec, target, build, owner)


def reached_for_teams(root: Path, spec: LakeSpec, environments: Iterable[str]) -> Iterator[Target | Failure]:
    """The targets in which the build that makes pipelines of teams makes their roles; why not, where it may not."""
    for environment in environments:
        target = target_at(root, spec.domain, environment, spec.environments[environment])
        try:
            yield _reached(spec, target, "teams", PLATFORM)
        except Failure as failure:
            yield failure


def _runs_as(target: Target, role: str) -> bool:
    caller = str(target.client("sts").get_caller_identity()["Arn"])
    account, name = role.split(":")[4], role.rpartition("/")[2]
    return f":sts::{account}:assumed-role/{name}/" in caller


def _reached(spec: LakeSpec, target: Target, build: str, owner: str) -> Target:
    role = reached_role(spec, build, target.environment, owner)
    try:
        return target.assuming(role, f"{build}-{in_names(owner)}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        raise Failure(
            f"{target.environment} is in account {target.account}, which does not let the build of {owner} in: "
            f"{role} is not there, or it does not trust {build_role(spec, build, owner)}. "
            f"With credentials of {target.account} run: lake bootstrap --env {target.environment}"
        ) from error


def deployment_target(root: Path, environment: str | None = None) -> Target:
    """Where the pipelines are, whatever environment they deploy. Raises Failure for another account's credentials."""
    spec = load_settings(root)
    asked = environment_of(spec, environment)
    here = [name for name in (asked, *spec.environments) if not is_apart(spec, name)]
    known_as = here[0] if here else "the deployment account (cicd.account)"
    target = target_at(root, spec.domain, known_as, spec.deployment)
    if not target.local:
        check_account(target, known_as)
    return replace(target, environment=CICD)
