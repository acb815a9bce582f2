"""What an engine is started with: where its state lies, and which interpreter plays which runtimes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """`plays` are versions such as `3.12`; `packages` holds what Lambda's runtime brings, built for `python`."""

    socket: str
    state: str
    python: str
    version: str
    plays: tuple[str, ...]
    packages: str
    debugger: str
    functions: str
    """A file of `lake env`: by the name that SAM calls a function, the role that it has in the local cloud."""
    cloud: str
    """The file that a running local cloud leaves; absent while none runs."""
    trace: str = ""
    plain: bool = False
    """No mount namespace, because this machine allows none: paths are rewritten instead."""


def written(setting: Setting) -> str:
    return json.dumps(asdict(setting))


def read(text: str) -> Setting:
    facts = json.loads(text)
    return Setting(**{**facts, "plays": tuple(facts["plays"])})
