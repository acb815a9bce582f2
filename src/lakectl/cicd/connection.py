"""The connection to GitHub, GitLab or Bitbucket: made PENDING, confirmed by a person, on the laptop by a command."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from lakectl.failure import Failure
from lakectl.specs.name import nearest
from lakectl.target import Target
from lakelocal import cloud

CONSOLE = "https://{region}.console.aws.amazon.com/codesuite/settings/connections?region={region}"
CONFIRM = "com.amazonaws.codeconnections.CodeConnections_20231201.UpdateConnectionInstallation"
"""What the console calls; AWS's clients have no method for it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as CodeConnections tells of it."""

    name: str
    arn: str
    provider: str
    status: str

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def pending(self) -> bool:
        return self.status == "PENDING"


def connection_of(target: Target, arn: str) -> Connection:
    return _connection(target.client("codeconnections").get_connection(ConnectionArn=arn)["Connection"])


def connection_called(target: Target, name: str) -> Connection:
    """The connection of this name or id. Raises Failure where there is none."""
    told = target.client("codeconnections").list_connections()["Connections"]
    every = [_connection(one) for one in told]
    for one in every:
        if name in (one.name, one.id):
            return one
    if not every:
        raise Failure("There is no connection yet: say cicd.provider in lake.yaml, then lake bootstrap")
    raise Failure(f"No connection '{name}'. {nearest(name, [one.name for one in every])}")


def check_local(target: Target) -> None:
    """Raise Failure on AWS, where only a person at the console confirms a connection."""
    if not target.local:
        page = CONSOLE.format(region=target.region)
        raise Failure(f"{target.environment} is account {target.account} of AWS: confirm its connection at {page}")


def confirm(target: Target, connection: Connection) -> None:
    """Say yes at the local cloud's own door, as the account's root."""
    body = json.dumps({"ConnectionArn": connection.arn})
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": CONFIRM}
    request = AWSRequest("POST", str(target.endpoint), headers=headers, data=body)
    keys = Credentials(target.account, cloud.SECRET)
    SigV4Auth(keys, "codeconnections", target.region).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    if answer.status_code != 200:
        raise Failure(f"{connection.name} was not confirmed: {answer.text}")


def _connection(told: dict[str, Any]) -> Connection:
    return Connection(
        told["ConnectionName"], told["ConnectionArn"], told.get("ProviderType", ""), told["ConnectionStatus"]
    )
