"""A credential helper for git: signs for CodeCommit as `aws codecommit credential-helper` does, without the AWS CLI.

Git runs `python -m lakectl.git_credential get` and tells what it wants on standard input. The keys are whatever
boto3 finds. Source: https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.session import get_session

AWS_HOST = re.compile(r"git-codecommit(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")


@dataclass(frozen=True, slots=True)
class Pair:
    """What git sends: the key as a user name, a signature as a password."""

    user: str
    password: str


def pair_for(asked: Mapping[str, str], keys: ReadOnlyCredentials, region: str, now: datetime) -> Pair:
    """Sign for one repository; `asked` is what git says: protocol, host and path."""
    path, host = f"/{asked['path']}", asked["host"]
    request = AWSRequest(method="GIT", url=f"{asked['protocol']}://{host}{path}")
    request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%S")
    signer = SigV4Auth(keys, "codecommit", region)
    said = f"GIT\n{path}\n\nhost:{host.split(':')[0]}\n\nhost\n"
    signature = signer.signature(signer.string_to_sign(request, said), request)
    user = f"{keys.access_key}%{keys.token}" if keys.token else keys.access_key
    return Pair(str(user), f"{request.context['timestamp']}Z{signature}")


def main() -> int:
    """Answer git; `store` and `erase` have nothing to do, for a signature is good once."""
    if sys.argv[1:] != ["get"]:
        return 0
    asked = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line)
    session = get_session()
    found = session.get_credentials()
    if found is None:
        print("No AWS credentials: set AWS_PROFILE, or log in.", file=sys.stderr)  # noqa: T201
        return 1
    aws = AWS_HOST.fullmatch(asked["host"])
    told = os.environ.get("AWS_REGION") or session.get_config_variable("region")
    region = aws["region"] if aws else str(told)
    pair = pair_for(asked, found.get_frozen_credentials(), region, datetime.now(UTC))
    print(f"username={pair.user}\npassword={pair.password}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
