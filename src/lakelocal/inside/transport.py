"""The loopback stands for TLS: policies that refuse plain HTTP see a secure caller."""

from __future__ import annotations

import contextvars

from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.core.iam_evaluator", "_request_origin"),
    Hook("ministack.app", "pin_request_origin", ("source_ip", "secure_transport")),
)


def install(host: Host) -> None:
    """The port is open on 127.0.0.1 alone, so nothing travels that TLS would hide."""
    from ministack import app
    from ministack.core import iam_evaluator

    origin: contextvars.ContextVar[tuple[str, bool]] = contextvars.ContextVar("origin", default=("127.0.0.1", True))

    def pin(source_ip: str, secure_transport: bool) -> None:
        origin.set((source_ip, True))

    iam_evaluator._request_origin = origin
    app.pin_request_origin = pin
