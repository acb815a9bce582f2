"""One request as it stands before IAM, and one more thing that AWS asks of its caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it stands before IAM."""

    service: str
    action: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]
    region: str
    account: str

    def json(self) -> dict[str, Any]:
        try:
            document = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def parameter(self, name: str) -> str:
        value = self.query.get(name, "")
        return str(value[0] if isinstance(value, list) and value else value or "")


@dataclass(frozen=True, slots=True)
class Demand:
    """One more thing that the caller must be allowed to do."""

    action: str
    resource: str
    context: dict[str, object] = field(default_factory=dict)
