"""Every IAM decision, one JSON line each, so that a test can ask which statements are needed."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = "decisions.jsonl"
# what changes from call to call says nothing about a policy
FLEETING = ("aws:tokenissuetime", "aws:userid")
Policy = tuple[object, str | None, bool]
"""A resource's own policy, the account that owns the resource, whether the policy must allow."""


class Recorder:
    """Appends a decision once, however often it is taken."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        if file.exists():
            self._seen.update(file.read_text().splitlines())

    def record(self, context: Any, allowed: bool, policy: Policy | None, service: str | None = None) -> None:
        """`context` is an EvalContext; `service` is the principal where an AWS service asked and no role."""
        line = json.dumps(_fields(context, allowed, policy, service), sort_keys=True, default=str)
        with self._lock:
            if line in self._seen:
                return
            self._seen.add(line)
            with self._file.open("a") as out:
                out.write(line + "\n")


def _fields(context: Any, allowed: bool, policy: Policy | None, service: str | None) -> Mapping[str, object]:
    more = {key: value for key, value in context.service_context.items() if value is not None}
    principal = {key: value for key, value in context.principal_keys.items() if key not in FLEETING}
    document, owner, required = policy or (None, None, False)
    parts = context.principal_arn.split("/")
    return {
        "role": parts[1] if ":assumed-role/" in context.principal_arn else context.principal_arn,
        "service": service,
        # the session's name changes from run to run
        "principal": "/".join(parts[:2]) + "/session" if len(parts) > 2 else context.principal_arn,
        "type": context.principal_type,
        "account": context.principal_account,
        "action": context.action,
        "resource": context.resource_arn,
        "region": context.region,
        "secure": context.secure_transport,
        "context": more,
        "keys": principal,
        "resource_policy": json.loads(document) if isinstance(document, str) and document else document,
        "resource_owner": owner,
        "resource_policy_required": required,
        "allowed": allowed,
    }
