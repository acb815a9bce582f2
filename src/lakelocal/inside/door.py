"""The door between our modules and MiniStack: declared hooks, role credentials, calls with IAM evaluated.

A module of ours has `HOOKS: tuple[Hook, ...]`, the places of MiniStack that it relies on, and
`install(host: Host) -> None`. The host refuses to start when a hook has moved.
"""

from __future__ import annotations

import contextvars
import hashlib
import importlib
import inspect
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Hook:
    """A place in MiniStack that we rely on; `parameters` are the names that its signature must have."""

    module: str
    attribute: str
    parameters: tuple[str, ...] | None = None

    def misfit(self) -> str | None:
        """What is wrong with this hook in the MiniStack that is installed, or None."""
        try:
            target: Any = importlib.import_module(self.module)
            for part in self.attribute.split("."):
                target = getattr(target, part)
        except (ImportError, AttributeError) as error:
            return f"{self.module}.{self.attribute}: {error}"
        if self.parameters is None:
            return None
        found = tuple(inspect.signature(target).parameters)
        if found != self.parameters:
            return f"{self.module}.{self.attribute} takes {found}, expected {self.parameters}"
        return None


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
    Hook("ministack.core.iam_evaluator", "_signed_request"),
    Hook("ministack.core.iam_evaluator", "_anonymous"),
    Hook("ministack.core.iam_evaluator", "_verified_key"),
    Hook("ministack.core.responses", "request_scope", ("account_id", "region")),
    Hook("ministack.services.sts", "register_session", ("access_key", "session")),
    Hook("ministack.services.iam", "_roles"),
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


class UnknownRole(Exception):
    """No such role in the local cloud, or it does not trust the service that wants it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys that the HTTP door accepts; `expiration` is None while the host lives."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expiration: float | None = None

    def environment(self) -> dict[str, str]:
        """The variables that an SDK reads."""
        keys = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }
        return keys | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


ACTING: contextvars.ContextVar[Credentials | None] = contextvars.ContextVar("acting", default=None)
"""On whose behalf MiniStack's own calls between services are made; unset, they are root's."""


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
        from ministack.services import sts

        account, name = _role_parts(role_arn)
        _check_trust(role_arn, account, name, service)
        digest = hashlib.sha256(f"{self._secret}:{role_arn}:{session_name}".encode()).hexdigest()
        credentials = Credentials(
            "ASIA" + digest[:16].upper(),
            hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
            hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
            time.time() + seconds if seconds else None,
        )
        sts.register_session(
            credentials.access_key_id,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session_name[:64]}",
                "UserId": f"AROA{digest[16:32].upper()}:{session_name[:64]}",
                "SecretAccessKey": credentials.secret_access_key,
                "SessionToken": credentials.session_token,
                **({"Expiration": credentials.expiration} if credentials.expiration else {}),
            },
        )
        return credentials

    def admin_credentials(self) -> Credentials:
        """The account's root, for the host's own errands."""
        import os

        return Credentials(self.account, os.environ.get("AWS_SECRET_ACCESS_KEY", "test"))

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
            _as_verified(credentials, scope)
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
        where.run(_as_verified, credentials, self.region)
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

    def logs(self, group: str, stream: str) -> LogSink:
        """A writer of one CloudWatch Logs stream, created if missing."""
        return LogSink(self, group, stream)


class LogSink:
    """Lines for one CloudWatch Logs stream; they arrive at `flush`, or by themselves every 200 lines."""

    def __init__(self, host: Host, group: str, stream: str) -> None:
        self._host, self._group, self._stream = host, group, stream
        self._lines: list[dict[str, object]] = []
        self._lock = threading.Lock()
        names = {"logGroupName": group}
        for action, payload in (
            ("CreateLogGroup", names),
            ("CreateLogStream", {**names, "logStreamName": stream}),
        ):
            try:
                host.call("logs", action, payload)
            except CallFailed as error:
                if error.code != "ResourceAlreadyExistsException":
                    raise

    def write(self, line: str) -> None:
        with self._lock:
            self._lines.append({"timestamp": int(time.time() * 1000), "message": line})
            full = len(self._lines) >= 200
        if full:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        for start in range(0, len(lines), 1000):
            self._host.call(
                "logs",
                "PutLogEvents",
                {
                    "logGroupName": self._group,
                    "logStreamName": self._stream,
                    "logEvents": lines[start : start + 1000],
                },
            )


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


def trusts(document: object, service: str) -> bool:
    """Whether a role's trust policy lets this AWS service assume it."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        named = [named] if isinstance(named, str) else named
        actions = statement.get("Action", [])
        actions = [actions] if isinstance(actions, str) else actions
        if statement.get("Effect") == "Allow" and service in named and "sts:AssumeRole" in actions:
            return True
    return False


def _role_parts(role_arn: str) -> tuple[str, str]:
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("role/"):
        raise UnknownRole(f"{role_arn!r} is not the ARN of a role")
    return parts[4], parts[5].rsplit("/", 1)[-1]


def _check_trust(role_arn: str, account: str, name: str, service: str | None) -> None:
    from ministack.services import iam

    role = iam._roles.get_scoped(account, None, name)
    if role is None:
        raise UnknownRole(f"Role {role_arn} does not exist in the local cloud")
    if service and not trusts(role.get("AssumeRolePolicyDocument"), service):
        raise UnknownRole(f"Role {role_arn} does not trust {service}: add it to the role's AssumeRolePolicyDocument")


def _as_verified(credentials: Credentials, region: str) -> None:
    """Make the running task a request of these credentials, as after a checked signature."""
    from ministack.core import iam_evaluator, responses

    iam_evaluator._signed_request.set(None)
    iam_evaluator._anonymous.set(False)
    iam_evaluator._verified_key.set(credentials.access_key_id)
    responses.set_request_account_id(credentials.access_key_id)
    responses.set_request_region(region)
