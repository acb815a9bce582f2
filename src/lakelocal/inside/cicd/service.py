"""A service of AWS's JSON protocol from a table of verbs: routed, authorised, refused by name where not built."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.home import stranger
from lakelocal.inside.door import Host, register_service
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.core.router", "SERVICE_PATTERNS"),
    Hook("ministack.core.iam_actions", "SERVICE_TO_IAM_NAMESPACE"),
    Hook("ministack.core.iam_actions", "_BOTOCORE_SERVICE_MAP"),
    Hook("ministack.core.iam_evaluator", "caller_arn", ()),
)
Given = dict[str, Any]
Verb = Callable[[Given], Mapping[str, Any] | None]
logger = logging.getLogger("lakelocal.cicd")


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its name in IAM and in botocore, the prefix of its targets, its verbs, the resource of a call."""

    name: str
    target: str
    verbs: Mapping[str, Verb]
    resource: Callable[[str, Given], str]

    def register(self, host: Host) -> None:
        """Route and authorise the service's requests; without a row in IAM's maps any signature would do."""
        from ministack.core import iam_actions, router

        router.SERVICE_PATTERNS[self.name] = {
            "target_prefixes": [self.target],
            "host_patterns": [rf"{self.name}\."],
            "credential_scope": self.name,
        }
        iam_actions.SERVICE_TO_IAM_NAMESPACE[self.name] = self.name
        iam_actions._BOTOCORE_SERVICE_MAP[self.name] = [self.name]
        register_service(self.name, partial(self.handle_request, host), replaces=True)

    async def handle_request(
        self, host: Host, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        verb = self.verbs.get(action)
        try:
            if wrong := stranger(host):
                raise Refused("UnsupportedOperationException", wrong)
            if verb is None:
                raise Refused("UnsupportedOperationException", f"The local {self.name} does not do {action}.")
            # a verb may wait for git or come back through the door: never on the loop that serves it
            return _answer(200, await asyncio.to_thread(verb, json.loads(body or b"{}")) or {})
        except Refused as refused:
            return _answer(400, {"__type": refused.code, "message": refused.message})
        except KeyError as error:
            logger.exception("%s %s", self.name, action)
            return _answer(400, {"__type": "ValidationException", "message": f"{action} lacks {error}."})


def of_request(service: Service, action: str, body: bytes) -> str:
    """The ARN that a request is about, or `*`."""
    try:
        given = json.loads(body or b"{}")
    except ValueError:
        return "*"
    return service.resource(action.partition(":")[2] or action, given) if isinstance(given, dict) else "*"


def caller() -> str:
    """The ARN of whoever made the present request."""
    from ministack.core import iam_evaluator

    return str(iam_evaluator.caller_arn() or "")


def _answer(status: int, told: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(told, default=str).encode()
