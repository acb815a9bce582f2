"""Keys of the principal in conditions: of a role's session the role's ARN, and whether it is a service of AWS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakelocal.inside.hook import Hook

EVALUATOR = "ministack.core.iam_evaluator"
HOOKS = (
    Hook(EVALUATOR, "_resolve_condition_key", ("key", "ctx")),
    Hook("ministack.services.iam", "_roles"),
)
SESSION = ":assumed-role/"


def install() -> None:
    from ministack.core import iam_evaluator

    iam_evaluator._resolve_condition_key = _complete(iam_evaluator._resolve_condition_key)


def _complete(inner: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def resolve(key: str, ctx: Any) -> Any:
        found, asked = inner(key, ctx), key.lower()
        if asked == "aws:principalisawsservice":
            return str(ctx.principal_type == "Service").lower()
        return role_of(found) if asked == "aws:principalarn" and SESSION in str(found) else found

    return resolve


def role_of(session: str) -> str:
    """The role whose session this is; a role that is gone counts as one without a path."""
    from ministack.services import iam

    account, name = session.split(":")[4], session.split("/")[1]
    role = iam._roles.get_scoped(account, None, name)
    return str(role["Arn"]) if role else f"arn:aws:iam::{account}:role/{name}"
