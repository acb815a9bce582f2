"""On whose behalf something happens: keys of a role's session, whom a role trusts, and who acts at this moment."""

from __future__ import annotations

import contextvars
import hashlib
import json
import time
from dataclasses import dataclass

from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.core.iam_evaluator", "_signed_request"),
    Hook("ministack.core.iam_evaluator", "_anonymous"),
    Hook("ministack.core.iam_evaluator", "_verified_key"),
    Hook("ministack.services.sts", "register_session", ("access_key", "session")),
    Hook("ministack.services.iam", "_roles"),
)


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


def session_of(role_arn: str, name: str, secret: str, service: str | None, seconds: float | None) -> Credentials:
    """Credentials of a role's session, as a service gets them; asking again refreshes the same session.

    `service` must be trusted by the role; `secret` is the host's, so that nobody else can guess the keys.
    Raises UnknownRole.
    """
    from ministack.services import sts

    account, role = _role_parts(role_arn)
    _check_trust(role_arn, account, role, service)
    digest = hashlib.sha256(f"{secret}:{role_arn}:{name}".encode()).hexdigest()
    credentials = Credentials(
        "ASIA" + digest[:16].upper(),
        hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        time.time() + seconds if seconds else None,
    )
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name[:64]}",
            "UserId": f"AROA{digest[16:32].upper()}:{name[:64]}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            **({"Expiration": credentials.expiration} if credentials.expiration else {}),
        },
    )
    return credentials


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


def as_verified(credentials: Credentials, region: str) -> None:
    """Make the running task a request of these credentials, as after a checked signature."""
    from ministack.core import iam_evaluator, responses

    iam_evaluator._signed_request.set(None)
    iam_evaluator._anonymous.set(False)
    iam_evaluator._verified_key.set(credentials.access_key_id)
    responses.set_request_account_id(credentials.access_key_id)
    responses.set_request_region(region)


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
