"""A service of AWS's REST-JSON protocol from a table of verbs: routed, authorised, refused by name where not built."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.door import register_service
from lakelocal.inside.hook import Hook

ACTIONS = "ministack.core.iam_actions"
HOOKS = (
    Hook("ministack.core.router", "SERVICE_PATTERNS"),
    Hook(ACTIONS, "SERVICE_TO_IAM_NAMESPACE"),
    Hook(ACTIONS, "_BOTOCORE_SERVICE_MAP"),
    Hook(ACTIONS, "_match_rest_action", ("service", "method", "path", "query_params")),
    Hook(ACTIONS, "extract_resource_arn"),
    Hook("ministack.core.iam_evaluator", "enforce"),
)
STATUSES = {"ResourceNotFoundException": 404, "ConflictException": 409}
Given = dict[str, Any]
Verb = Callable[[Given], Mapping[str, Any] | None]
Answer = tuple[int, dict[str, str], bytes]
logger = logging.getLogger("lakelocal")


@dataclass(frozen=True, slots=True)
class RestService:
    """A service: its name everywhere, its verbs, the ARN that a call is about, the tags of what has that ARN."""

    name: str
    verbs: Mapping[str, Verb]
    resource: Callable[[str, Given], str]
    tags: Callable[[str], Mapping[str, str]]

    def register(self) -> None:
        """Route and authorise the service's requests; without a row in IAM's maps any signature would do."""
        from ministack.core import iam_actions, iam_evaluator, router

        router.SERVICE_PATTERNS[self.name] = {"host_patterns": [rf"{self.name}\."], "credential_scope": self.name}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[self.name] = self.name
        iam_actions._BOTOCORE_SERVICE_MAP[self.name] = [self.name]
        iam_actions.extract_resource_arn = self._with_arn(iam_actions.extract_resource_arn)
        iam_evaluator.enforce = self._with_tags(iam_evaluator.enforce)
        register_service(self.name, self.handle_request, replaces=True)

    async def handle_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        action = self.action(method, path, query)
        verb = self.verbs.get(action)
        try:
            if verb is None:
                told = action or f"{method} {path}"
                raise Refused("ValidationException", f"The local {self.name} does not do {told}.")
            # a verb may come back through the door: never on the loop that serves it
            answer = await asyncio.to_thread(verb, self.given(action, path, body, query))
            return 200, {"Content-Type": "application/json"}, json.dumps(answer or {}, default=str).encode()
        except Refused as refused:
            status, headers_ = STATUSES.get(refused.code, 400), {"x-amzn-errortype": refused.code}
            told_ = json.dumps({"message": refused.message}).encode()
            return status, {"Content-Type": "application/json", **headers_}, told_

    def action(self, method: str, path: str, query: Mapping[str, Any]) -> str:
        """The operation that a method and a path mean; "" for none."""
        from ministack.core import iam_actions

        return iam_actions._match_rest_action(self.name, method, path, dict(query)) or ""

    def given(self, action: str, path: str, body: bytes, query: Mapping[str, Any]) -> Given:
        """What a request says in its body, its path and its query, by the names of the API."""
        asked = {name: value[0] if isinstance(value, list) and value else value for name, value in query.items()}
        found = _place(self.name, action).fullmatch(path.rstrip("/"))
        in_path = {name: unquote(value) for name, value in found.groupdict().items()} if found else {}
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            said = {}
        return {**asked, **(said if isinstance(said, dict) else {}), **in_path}

    def _with_arn(self, inner: Callable[..., str]) -> Callable[..., str]:
        """The ARN that a request of ours is about; with `*` no policy that names one would fit."""

        def extract(
            service: str,
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query_params: dict[str, Any],
            region: str,
            account_id: str,
        ) -> str:
            found = inner(service, method, path, headers, body, query_params, region, account_id)
            if service != self.name:
                return found
            action = self.action(method, path, query_params)
            return self.resource(action, self.given(action, path, body, query_params)) if action else found

        return extract

    def _with_tags(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        """Conditions may ask for the tags of what a request is about."""

        def enforce(
            access_key_id: str,
            iam_action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            service_context: dict[str, Any] | None = None,
        ) -> Any:
            if service == self.name:
                tags = {f"aws:resourcetag/{key}": value for key, value in self.tags(resource_arn).items()}
                service_context = {**(service_context or {}), **tags}
            return inner(access_key_id, iam_action, service, region, resource_arn, service_context)

        return enforce


@cache
def _place(service: str, action: str) -> re.Pattern[str]:
    """The path of an operation, its parameters as groups."""
    uri = str(model_of(service).operation_model(action).http["requestUri"]).partition("?")[0] if action else ""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", _parameter, re.escape(uri)))


def _parameter(found: re.Match[str]) -> str:
    """An ARN comes with its slashes."""
    return rf"(?P<{found[1]}>{'.+' if found[1].endswith('Arn') else '[^/]+'})"


@cache
def model_of(service: str) -> Any:
    """How the SDK describes a service."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def spelt(shape: Any, value: Any, by: Callable[[str], str]) -> Any:
    """A document in another spelling of its members' names; the keys of maps are somebody's own, and stay."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        known = {spell(name): member for name, member in shape.members.items() for spell in (capital, small)}
        return {by(name): spelt(known[name], one, by) if name in known else one for name, one in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [spelt(shape.member, one, by) for one in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: spelt(shape.value, one, by) for key, one in value.items()}
    return value


def capital(name: str) -> str:
    """As CloudFormation and Step Functions spell a member: `jobRunId` is `JobRunId`."""
    return name[:1].upper() + name[1:]


def small(name: str) -> str:
    """As the API spells it."""
    return name[:1].lower() + name[1:]
