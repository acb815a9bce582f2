"""One call of a handler in this process, as its deployed self: its variables, its role's keys, its calls counted."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lake.handlers import setting
from lakectl.failure import Failure
from lakectl.functions import Deployed
from lakelocal import cloud
from lakelocal.engine.identity import keys
from lakelocal.engine.refusal import Refused


@dataclass(slots=True)
class Calls:
    """The calls to AWS that a function made, in order: service, operation, milliseconds, and what AWS refused."""

    made: list[dict[str, Any]] = field(default_factory=list)
    _begun: dict[int, float] = field(default_factory=dict)

    def watch(self, session: Any) -> None:
        """All clients that this session will make."""
        session.register("before-call.*.*", self._before)
        session.register("after-call.*.*", self._after)

    def _before(self, context: dict[str, Any], **_: object) -> None:
        self._begun[id(context)] = time.perf_counter()

    def _after(self, model: Any, parsed: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        took = time.perf_counter() - self._begun.pop(id(context), time.perf_counter())
        error = (parsed.get("Error") or {}).get("Code", "")
        service = str(model.service_model.service_name)
        self.made.append({"service": service, "call": model.name, "ms": round(took * 1000, 1), "error": error})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. `memory` is the most that this process held, in MB, the `lake` command included."""

    result: Any
    error: Mapping[str, str] | None
    seconds: float
    memory: int
    calls: list[dict[str, Any]]


class Context:
    """What Lambda hands to a handler beside the event."""

    def __init__(self, there: Deployed) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.function_name = there.name
        self.invoked_function_arn = there.arn
        self.memory_limit_in_mb = str(there.memory)
        self._deadline = time.monotonic() + there.timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def invoke(found: cloud.Running, there: Deployed, event: Any) -> Outcome:
    """Call the handler; what it raises is its outcome. There is no time limit: somebody may be reading a variable."""
    os.environ.update(variables(found, there))
    setting.session.cache_clear()
    setting.client.cache_clear()
    calls = Calls()
    calls.watch(setting.session())
    module, _, name = there.handler.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    began = time.perf_counter()
    result, error = None, None
    try:
        result = handler(event, Context(there))
        json.dumps(result)
    except Exception as raised:  # noqa: BLE001  whatever the handler raises is its answer
        traceback.print_exc(file=sys.stderr)
        error = {"errorType": type(raised).__name__, "errorMessage": str(raised)}
    seconds = time.perf_counter() - began
    return Outcome(result, error, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, calls.made)


def variables(found: cloud.Running, there: Deployed) -> dict[str, str]:
    """Those that its template declares, and those that Lambda sets; the keys are its execution role's own."""
    try:
        own = keys(found.port, there.role, there.name)
    except (Refused, OSError) as error:
        raise Failure(f"The local cloud gives no keys for {there.role}: {error}") from error
    return {
        **cloud.client_environment(found),
        **own,
        **there.variables,
        "AWS_LAMBDA_FUNCTION_NAME": there.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(there.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": there.version,
    }
