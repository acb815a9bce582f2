"""CodeConnections: a connection is made PENDING, and does nothing until a person has confirmed it."""

from __future__ import annotations

import uuid
from typing import Any

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.records import Document, Records
from lakelocal.inside.cicd.service import Given, Service
from lakelocal.inside.door import Host

PENDING = (
    "The connection {arn} is PENDING: a person must confirm it once. Here `lake local connection confirm` does what "
    "the console does on AWS under Developer Tools, Settings, Connections, Update pending connection."
)


class Connections:
    def __init__(self, host: Host, folder: Any) -> None:
        self._host = host
        self.records = Records(folder / "connections")
        verbs = {
            "CreateConnection": self.create,
            "DeleteConnection": self.delete,
            "GetConnection": lambda given: {"Connection": self._found(given["ConnectionArn"])},
            "ListConnections": lambda given: {"Connections": self.records.values()},
            "UpdateConnectionInstallation": self._confirm,
        }
        target = "com.amazonaws.codeconnections.CodeConnections_20231201"
        self.service = Service("codeconnections", target, verbs, self._resource)

    def create(self, given: Given) -> dict[str, Any]:
        arn = f"arn:aws:codeconnections:{self._host.region}:{self._host.account}:connection/{uuid.uuid4()}"
        made = {
            "ConnectionName": given["ConnectionName"],
            "ConnectionArn": arn,
            "ProviderType": given.get("ProviderType", ""),
            "OwnerAccountId": self._host.account,
            "ConnectionStatus": "PENDING",
        }
        self.records.put(arn, made)
        return {"ConnectionArn": arn}

    def delete(self, given: Given) -> dict[str, Any]:
        self.records.forget(given["ConnectionArn"])
        return {}

    def status(self, arn: str) -> str:
        return str(self._found(arn)["ConnectionStatus"])

    def available(self, arn: str) -> bool:
        """Whether it is there and confirmed."""
        return (self.records.get(arn) or {}).get("ConnectionStatus") == "AVAILABLE"

    def check_available(self, arn: str) -> None:
        """Raise Refused unless somebody has confirmed the connection."""
        self._found(arn)
        if not self.available(arn):
            raise Refused("ConnectionNotAvailable", PENDING.format(arn=arn))

    def _confirm(self, given: Given) -> dict[str, Any]:
        """What AWS's console calls when a person confirms a connection; no SDK has it, IAM's action is the same.

        https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html#permissions-reference-connections-handshake
        """
        found = self._found(given["ConnectionArn"])
        self.records.put(found["ConnectionArn"], {**found, "ConnectionStatus": "AVAILABLE"})
        return {}

    def _found(self, arn: str) -> Document:
        found = self.records.get(arn)
        if found is None:
            raise Refused("ResourceNotFoundException", f"There is no connection {arn}")
        return found

    def _resource(self, action: str, given: Given) -> str:
        return str(given.get("ConnectionArn") or "*")
