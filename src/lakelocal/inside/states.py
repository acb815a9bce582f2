"""State machines act as their role: every task's call is authorised for it, as on AWS."""

from __future__ import annotations

import contextvars
import json
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from lakelocal.inside import integrations, machine_logs, tracing
from lakelocal.inside.credentials import ACTING, UnknownRole, trusts
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

MODULE = "ministack.services.stepfunctions"
HOOKS = (
    Hook(MODULE, "_run_execution", ("exec_arn",)),
    Hook(MODULE, "_invoke_resource", ("resource", "input_data")),
    Hook(MODULE, "_invoke_resource_with_timeout", ("resource", "input_data", "timeout")),
    Hook(MODULE, "_start_execution", ("data",)),
    Hook(MODULE, "_create_state_machine", ("data",)),
    Hook(MODULE, "_update_state_machine", ("data",)),
    Hook(MODULE, "_fail_execution", ("execution", "error", "cause")),
    Hook(MODULE, "_add_event", ("execution", "event_type", "details")),
    Hook(MODULE, "_emit_execution_status_event", ("execution",)),
    Hook(MODULE, "_resolve_state_machine_arn", ("arn",)),
    Hook(MODULE, "_executions"),
    Hook(MODULE, "_state_machines"),
    Hook(MODULE, "_ExecutionError.__init__", ("self", "error", "cause")),
    *integrations.HOOKS,
)
PRINCIPAL = "states.amazonaws.com"
PAYLOAD_BYTES = 262_144
SESSION_SECONDS = 24 * 3600
NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
UNTRUSTED = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
    "to assume the provided role."
)
Answer = tuple[int, dict[str, str], bytes]


def install(host: Host) -> None:
    from ministack import app
    from ministack.services import stepfunctions

    stepfunctions._run_execution = _as_role(host, stepfunctions._run_execution)
    stepfunctions._invoke_resource = _limited(stepfunctions._invoke_resource)
    stepfunctions._invoke_resource_with_timeout = _with_timeout
    stepfunctions._start_execution = _idempotent(stepfunctions._start_execution)
    stepfunctions._create_state_machine = _trusted(host, stepfunctions._create_state_machine)
    stepfunctions._update_state_machine = _trusted(host, stepfunctions._update_state_machine)
    app.call_service_handler_sync = _on_behalf(host, app.call_service_handler_sync)
    integrations.install(host)


def _as_role(host: Host, inner: Callable[[str], None]) -> Callable[[str], None]:
    """Run an execution with its machine's role as the one that acts."""

    def run(exec_arn: str) -> None:
        from ministack.services import stepfunctions

        execution = stepfunctions._executions.get(exec_arn)
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn"))
        if execution is None or machine is None:
            inner(exec_arn)
            return
        try:
            credentials = host.role_credentials(machine["roleArn"], execution["name"][:64], PRINCIPAL, SESSION_SECONDS)
        except UnknownRole as error:
            stepfunctions._fail_execution(execution, "States.Runtime", f"{UNTRUSTED} ({error})")
            return
        tokens = (ACTING.set(credentials), integrations.EXECUTION.set(execution))
        limit = _time_limit(machine, execution)
        try:
            inner(exec_arn)
        finally:
            limit.cancel()
            ACTING.reset(tokens[0])
            integrations.EXECUTION.reset(tokens[1])

    return run


def _time_limit(machine: dict[str, Any], execution: dict[str, Any]) -> threading.Timer:
    """Ends the execution as TIMED_OUT after the machine's own TimeoutSeconds."""
    from ministack.core.responses import now_iso
    from ministack.services import stepfunctions

    def expire() -> None:
        if execution["status"] != "RUNNING":
            return
        execution.update(status="TIMED_OUT", stopDate=now_iso(), error="States.Timeout")
        stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
        stepfunctions._emit_execution_status_event(execution)

    seconds = json.loads(machine["definition"]).get("TimeoutSeconds")
    timer = threading.Timer(float(seconds or 0), contextvars.copy_context().run, (expire,))
    timer.daemon = True
    if seconds:
        timer.start()
    return timer


def _limited(inner: Callable[[str, object], object]) -> Callable[[str, object], object]:
    """A task's result may not be larger than Step Functions takes."""

    def invoke(resource: str, input_data: object) -> object:
        from ministack.services import stepfunctions

        result = inner(resource, input_data)
        if len(json.dumps(result, default=str).encode()) > PAYLOAD_BYTES:
            raise stepfunctions._ExecutionError(
                "States.DataLimitExceeded",
                f"The task {resource} returned a result larger than {PAYLOAD_BYTES} bytes.",
            )
        return result

    return invoke


def _with_timeout(resource: str, input_data: object, timeout: float) -> object:
    """Run a task for at most its TimeoutSeconds; what it waits for is then stopped."""
    from ministack.services import stepfunctions

    abandoned = threading.Event()
    context = contextvars.copy_context()
    context.run(integrations.ABANDONED.set, abandoned)
    result: Future[object] = Future()

    def work() -> None:
        try:
            result.set_result(context.run(stepfunctions._invoke_resource, resource, input_data))
        except Exception as error:  # noqa: BLE001  handed to the state, which decides
            result.set_exception(error)

    threading.Thread(target=work, daemon=True, name="task").start()
    try:
        return result.result(timeout)
    except FutureTimeout:
        abandoned.set()
        raise stepfunctions._ExecutionError("States.Timeout", f"Task timed out after {timeout} seconds") from None


def _idempotent(inner: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    """A second start by the same name and input answers like the first while that runs."""

    def start(data: dict[str, Any]) -> Answer:
        from ministack.core.responses import error_response_json
        from ministack.services import stepfunctions

        name = data.get("name")
        if not name:
            return inner(data)
        if not NAME.fullmatch(name):
            refused: Answer = error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
            return refused
        machine = stepfunctions._resolve_state_machine_arn(str(data.get("stateMachineArn", "")).split("#")[0])
        existing = stepfunctions._executions.get(f"{machine}:{name}".replace(":stateMachine:", ":execution:"))
        if existing and existing["status"] == "RUNNING" and existing["input"] == data.get("input", "{}"):
            return _answer({"executionArn": existing["executionArn"], "startDate": existing["startDate"]})
        return inner(data)

    return start


def _answer(document: Mapping[str, object]) -> Answer:
    from ministack.core.responses import json_response

    answer: Answer = json_response(dict(document))
    return answer


def _trusted(host: Host, inner: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    """A machine's role must trust Step Functions, and be allowed to deliver the logs that the machine keeps."""

    def accept(data: dict[str, Any]) -> Answer:
        from ministack.core.responses import error_response_json
        from ministack.services import stepfunctions

        before = stepfunctions._state_machines.get(data.get("stateMachineArn")) or {}
        said = {**before, **data}
        settings = said.get("loggingConfiguration"), said.get("tracingConfiguration")
        wrong = role_refusal(host, said.get("roleArn"), *settings)
        if wrong:
            refused: Answer = error_response_json("AccessDeniedException", wrong, 400)
            return refused
        return inner(data)

    return accept


def role_refusal(
    host: Host, role_arn: str | None, logging: Mapping[str, object] | None, traced: Mapping[str, object] | None
) -> str | None:
    """Why this role cannot be that of a state machine which logs so, or None; tracing refuses none."""
    from ministack.services import iam

    role = iam._roles.get(role_arn.rsplit("/", 1)[-1]) if role_arn else None
    if role is None or role_arn is None:
        return None
    if not trusts(role.get("AssumeRolePolicyDocument"), PRINCIPAL):
        return UNTRUSTED
    tracing.follow_machine(host, role_arn, traced)
    return machine_logs.refusal(host, role_arn, logging)


def _on_behalf(host: Host, inner: Callable[..., Answer]) -> Callable[..., Answer]:
    """Send the calls that an execution makes between services through IAM, as the machine's role."""

    def call(
        handler: Callable[..., Any],
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | str,
        query_params: dict[str, Any],
        timeout: float | None = None,
    ) -> Answer:
        credentials = ACTING.get()
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", headers.get("authorization", ""))
        if credentials is None or scope is None:
            return inner(handler, method, path, headers, body, query_params, timeout)
        raw = body.encode() if isinstance(body, str) else body
        query = {key: value if isinstance(value, list) else [value] for key, value in query_params.items()}
        return host.request(scope[2], method, path, headers, raw, query, credentials, scope[1])

    return call
