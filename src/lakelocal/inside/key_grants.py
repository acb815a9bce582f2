"""A grant on a KMS key allows what no policy allows; an explicit Deny still denies.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakelocal.inside.hook import Hook

HOOKS = (Hook("ministack.services.kms", "_grants"),)
PREFIX = "kms:encryptioncontext:"


def overrule(result: Any, context: Any) -> bool:
    """Whether a grant allows what `result`, IAM's answer for this EvalContext, has implicitly denied."""
    from ministack.services import kms

    if getattr(result, "decision", "") != "ImplicitDeny":
        return False
    return any(_grants(grant, context) for grant in list(kms._grants.values()))


def _grants(grant: Mapping[str, Any], context: Any) -> bool:
    return (
        grant["KeyId"] == context.resource_arn
        and grant["GranteePrincipal"] in _names(context)
        and context.action.removeprefix("kms:") in grant["Operations"]
        and _constrained(grant.get("Constraints") or {}, context.service_context)
    )


def _names(context: Any) -> tuple[str, ...]:
    """What a grant may call this caller: its session, or its role."""
    arn = context.principal_arn
    if ":assumed-role/" not in arn:
        return (arn,)
    return arn, f"arn:aws:iam::{context.principal_account}:role/{arn.split('/')[1]}"


def _constrained(constraints: Mapping[str, Any], keys: Mapping[str, Any]) -> bool:
    """Whether the request's encryption context is what the grant wants."""
    said = {name.removeprefix(PREFIX): value for name, value in keys.items() if name.startswith(PREFIX)}
    exactly, least = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset") or {}
    if exactly is not None and {key.lower(): value for key, value in exactly.items()} != said:
        return False
    return all(said.get(key.lower()) == value for key, value in least.items())
