"""An environment that pipelines of another account or region deploy to: whether it lets their builds in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from lake.core.owner import PLATFORM
from lakectl.cicd.reach import build_role, is_apart, reached_role
from lakectl.doctor.check import Check, judged
from lakectl.specs.load import Lake
from lakectl.target import Target

TOPIC = "pipelines"


def look(target: Target, lake: Lake) -> Iterator[Check]:
    """Nothing, where the pipelines are in the same account and region."""
    if is_apart(lake.spec, target.environment):
        for owner in (PLATFORM, *sorted(lake.teams)):
            for build in ("deploy", "verify"):
                yield _trust(target, lake, build, owner)


def _trust(target: Target, lake: Lake, build: str, owner: str) -> Check:
    wanted, name = build_role(lake.spec, build, owner), f"{build} of {owner}"
    role = reached_role(lake.spec, build, target.environment, owner).rpartition("/")[2]
    fix = f"With credentials of {target.account}: lake bootstrap --env {target.environment}"
    try:
        found = target.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "NoSuchEntity":
            return Check(TOPIC, name, "mend", f"{role} is not there", fix)
        return Check(TOPIC, name, "note", f"unknown: {code}", "Allow GetRole to who asks, or look into the console.")
    good = f'"{wanted}"' in json.dumps(found)
    return judged(TOPIC, name, good, f"{role} {'lets' if good else 'does not let'} {wanted} in", fix)
