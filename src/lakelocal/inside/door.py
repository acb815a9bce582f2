"""The door between our modules and MiniStack: what a module may ask of its host, calls with IAM evaluated.

A module of ours has `HOOKS: tuple[Hook, ...]`, the places of MiniStack that it relies on, and
`install(host: Host) -> None`. The host refuses to start when a hook has moved.
"""

from __future__ import annotations

import contextvars
import json
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakelocal.inside import credentials
from lakelocal.inside.credentials import ACTING, Credentials, as_verified, session_of
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.app", "SERVICE_HANDLERS"),
    Hook("ministack.app", "SERVICE_REGISTRY"),
    Hook("ministack.app", "_MAIN_LOOP"),
    Hook(
        "ministack.app",
        "_dispatch_service_request",
        ("method", "path", "headers", "body", "query_params", "request_id"),
    ),
    Hook(
        "ministack.app",
        "call_service_handler_sync",
        ("handler", "method", "path", "headers", "body", "query_params", "timeout"),
    ),
    Hook(
        "ministack.core.iam_evaluator",
        "enforce",
        ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
    ),
    Hook(
        "ministack.core.iam_actions",
        "identity_denial_message",
        ("action", "principal_arn", "resource", "explicit_deny"),
    ),
    Hook("ministack.core.responses", "request_scope", ("account_id", "region")),
    *credentials.HOOKS,
)

TARGETS = {
    "athena": "AmazonAthena",
    "dynamodb": "DynamoDB_20120810",
    "events": "AWSEvents",
    "glue": "AWSGlue",
    "kms": "TrentService",
    "logs": "Logs_20140328",
    "sqs": "AmazonSQS",
    "ssm": "AmazonSSM",
    "states": "AWSStepFunctions",
}


class CallFailed(Exception):
    """A service answered with an error: its code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass(slots=True)
class Host:
    """What a module of ours may ask of the process that it lives in."""

    root: Path
    state_folder: Path
    endpoint: str
    port: int
    account: str
    region: str
    cold: bool = False
    workers: int = 1
    _secret: str = field(default_factory=secrets.token_hex)
    _stops: list[Callable[[], None]] = field(default_factory=list)
    _readies: list[Callable[[], None]] = field(default_factory=list)
    _clients: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _session: Any = None
    _lock: Any = field(default_factory=threading.RLock)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call back once when the host stops, before the state is saved."""
        self._stops.append(callback)

    def on_ready(self, callback: Callable[[], None]) -> None:
        """Call back in a thread once the state is restored and the port answers."""
        self._readies.append(callback)

    def ready(self) -> None:
        for callback in self._readies:
            self.spawn(callback)

    def stop(self) -> None:
        import logging

        for callback in reversed(self._stops):
            try:
                callback()
            except Exception:  # one module's failure must not lose the others' state
                logging.getLogger("lakelocal").exception("a module failed to stop")

    def spawn(self, fn: Callable[..., object], *args: object) -> threading.Thread:
        """Run in a daemon thread that keeps the account, region and caller of the present request."""
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run, args=(fn, *args), daemon=True, name=getattr(fn, "__name__", "lakelocal")
        )
        thread.start()
        return thread

    def role_credentials(
        self,
        role_arn: str,
        session_name: str = "local",
        service: str | None = None,
        seconds: float | None = None,
    ) -> Credentials:
        """Session credentials of a role, as a service gets them; asking again refreshes the same session.

        `service` (say `glue.amazonaws.com`) must be trusted by the role; without `seconds` the session lasts
        as long as the host. Raises UnknownRole.
        """
        return session_of(role_arn, session_name, self._secret, service, seconds)

    @property
    def present(self) -> str:
        """The account that the request at hand is about; outside of any, the one that the host began with."""
        from ministack.core import responses

        return str(responses.get_account_id())

    def admin_credentials(self) -> Credentials:
        """The root of the present account, for the host's own errands."""
        import os

        return Credentials(self.present, os.environ.get("AWS_SECRET_ACCESS_KEY", "test"))

    def client(self, service: str, credentials: Credentials | None = None, region: str | None = None) -> Any:
        """A boto3 client through the HTTP door, kept for reuse. Never call it from the event loop."""
        import boto3
        from botocore.config import Config

        who = credentials or self.admin_credentials()
        key = (service, who.access_key_id, region or self.region)
        with self._lock:
            if key not in self._clients:
                if len(self._clients) > 200:
                    self._clients.clear()
                self._session = self._session or boto3.session.Session()
                self._clients[key] = self._session.client(
                    service,
                    region_name=key[2],
                    endpoint_url=self.endpoint,
                    aws_access_key_id=who.access_key_id,
                    aws_secret_access_key=who.secret_access_key,
                    aws_session_token=who.session_token,
                    config=Config(
                        retries={"max_attempts": 1},
                        s3={"addressing_style": "path"},
                        inject_host_prefix=False,
                        max_pool_connections=16,
                    ),
                )
            return self._clients[key]

    def call(
        self,
        service: str,
        action: str,
        payload: Mapping[str, object],
        credentials: Credentials | None = None,
        region: str | None = None,
    ) -> dict[str, Any]:
        """One call of a JSON service, in process, with IAM evaluated for `credentials` (default: root).

        Call it from a worker thread. Raises CallFailed with the service's own code and message.
        """
        who = credentials or self.admin_credentials()
        headers = {
            "x-amz-target": f"{TARGETS[service]}.{action}",
            "content-type": "application/x-amz-json-1.1",
        }
        status, _, body = self.request(
            service, "POST", "/", headers, json.dumps(payload, default=str).encode(), {}, who, region
        )
        answer = json.loads(body or b"{}")
        if status >= 400:
            code = str(answer.get("__type") or answer.get("code") or "InternalFailure").split("#")[-1]
            raise CallFailed(code, str(answer.get("message") or answer.get("Message") or ""), status)
        return dict(answer)

    def request(
        self,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
        credentials: Credentials,
        region: str | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One request in process, authorised as `credentials` by the same code as at the HTTP door."""
        from ministack import app

        scope = region or self.region
        signed = {
            "host": f"{service}.{scope}.amazonaws.com",
            **headers,
            "authorization": (
                f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/20260101/{scope}/{service}"
                "/aws4_request, SignedHeaders=host, Signature=00"
            ),
        }

        async def dispatch(*_: object) -> tuple[int, dict[str, str], bytes]:
            as_verified(credentials, scope)
            answer: tuple[int, dict[str, str], bytes] = await app._dispatch_service_request(
                method, path, signed, body, dict(query), str(uuid.uuid4())
            )
            return answer

        context = contextvars.copy_context()
        context.run(ACTING.set, None)
        result: tuple[int, dict[str, str], bytes] = context.run(
            app.call_service_handler_sync, dispatch, method, path, signed, body, dict(query)
        )
        return result

    def denial(
        self,
        credentials: Credentials,
        action: str,
        resource: str,
        context: Mapping[str, object] | None = None,
    ) -> str | None:
        """Why these credentials may not do this to that resource, in IAM's words; None if they may."""
        from ministack.core import iam_actions, iam_evaluator

        where = contextvars.copy_context()
        where.run(as_verified, credentials, self.region)
        service = action.split(":")[0]
        found = where.run(
            iam_evaluator.enforce,
            credentials.access_key_id,
            action,
            service,
            self.region,
            resource,
            dict(context or {}),
        )
        if found is None:
            return None
        if isinstance(found, iam_evaluator.AuthError):
            return f"{found.code}: {found.message}"
        text: str = iam_actions.identity_denial_message(action, found.principal_arn, resource, found.decision == "Deny")
        return text


def register_service(
    name: str,
    handler: Callable[..., Any],
    *,
    replaces: bool = False,
) -> Any:
    """Put an async `handle_request(method, path, headers, body, query)` behind a service's name.

    Returns the handler that was there before, or None. Replacing one must be asked for.
    """
    from ministack import app

    before = app.SERVICE_HANDLERS.get(name)
    if before is not None and not replaces:
        raise ValueError(f"MiniStack already serves {name!r}: say replaces=True to put ours in front of it")
    app.SERVICE_HANDLERS[name] = handler
    return before
