"""Lambda as on AWS: an interpreter of its own, a clean environment, errors by the class that was raised."""

from __future__ import annotations

import functools
import json
import logging
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lakelocal.inside import network, tracing
from lakelocal.inside.credentials import trusts
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.core.lambda_runtime", "Worker.__init__", ("self", "func_name", "config", "code_zip")),
    Hook("ministack.core.lambda_runtime", "_worker_class_for", ("config",)),
    Hook("ministack.core.lambda_runtime", "kill_workers", ("workers",)),
    Hook("ministack.core.lambda_runtime", "execution_credentials", ("config",)),
    Hook("ministack.services.lambda_svc", "_execute_function_warm", ("func", "event", "request_id")),
    Hook("ministack.services.lambda_svc", "_execute_function_provided_warm", ("func", "event", "request_id")),
    Hook("ministack.services.lambda_svc", "acquire_worker"),
    Hook("ministack.services.lambda_svc", "release_worker", ("worker",)),
    Hook("ministack.services.lambda_svc", "_ensure_reaper_thread", ()),
    Hook("ministack.services.lambda_svc", "_create_function", ("data",)),
    Hook("ministack.services.lambda_svc", "_functions"),
    Hook("ministack.services.lambda_svc", "_update_config", ("name", "data")),
    Hook("ministack.services.lambda_svc", "_resolve_layer_zip", ("attachment",)),
    Hook("ministack.services.lambda_svc", "_xray_trace_id_for_invocation", ("config", "inbound_trace_header")),
    *network.HOOKS,
)
ENVIRONMENT_BYTES = 4096
RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
logger = logging.getLogger("lakelocal.functions")


def install(host: Host) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    from lakelocal.inside import packages, sandbox

    python = host.root / ".lake" / "envs" / "runtime" / "bin" / "python"
    version = interpreter_version(python)
    shelf = host.state_folder / "packages"
    shelf.mkdir(parents=True, exist_ok=True)
    packages.prune(shelf)
    sandbox.Sandbox.runtime = sandbox.Runtime(python, version, host.endpoint, shelf, "/usr/local/bin:/usr/bin:/bin")
    lambda_runtime._worker_class_for = lambda config: sandbox.Sandbox
    lambda_svc._execute_function_warm = _execute
    lambda_svc._execute_function_provided_warm = _execute
    lambda_svc._create_function = _checked_create(host, lambda_svc._create_function, version)
    lambda_svc._update_config = _checked_update(host, lambda_svc._update_config, version)


@functools.cache
def interpreter_version(python: Path) -> str:
    """`3.12` of the interpreter that plays Lambda's."""
    if not python.exists():
        raise SystemExit(f"Lambda's runtime is missing at {python}: run `make setup`.")
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([str(python), "-I", "-c", script], check=True, capture_output=True, text=True).stdout.strip()


def refusal(data: dict[str, Any], version: str) -> str | None:
    """Why a function with these properties cannot run here, or None."""
    if data.get("PackageType") == "Image" or "ImageUri" in (data.get("Code") or {}):
        return "PackageType Image is not supported by the local cloud: deploy a .zip package."
    runtime = data.get("Runtime")
    if runtime and runtime != f"python{version}":
        return (
            f"Runtime {runtime} cannot run here: the interpreter that stands for Lambda's is Python {version}. "
            f"Deploy with Runtime python{version}."
        )
    declared = (data.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(RESERVED.intersection(declared))
    if reserved:
        return f"Lambda reserves these environment variables: {', '.join(reserved)}"
    if len(json.dumps(declared)) > ENVIRONMENT_BYTES:
        return (
            "Lambda was unable to configure your environment variables because the environment variables you "
            "have provided exceeded the 4KB limit."
        )
    return None


def _execute(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
    """Run one invocation in a sandbox of the pool; MiniStack's own answer shape."""
    from ministack.services import lambda_svc

    config, package = func.get("config") or func, func.get("code_zip")
    if not package:
        return _error("InvalidParameterValueException", "The function has no package: deploy its code.")
    lambda_svc._ensure_reaper_thread()
    worker, _ = lambda_svc.acquire_worker(
        config["FunctionName"], config, package, qualifier=config.get("Version", "$LATEST")
    )
    try:
        answer: dict[str, Any] = worker.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config.get("FunctionArn", ""),
        )
        return answer
    except Exception as error:
        logger.exception("the sandbox of %s could not start", config["FunctionName"])
        return _error("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {error}")
    finally:
        lambda_svc.release_worker(worker)


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"body": {"errorType": kind, "errorMessage": message}, "error": True, "log": message}


Answer = tuple[int, dict[str, str], bytes]


def _checked_create(host: Host, inner: Callable[..., Answer], version: str) -> Callable[..., Answer]:
    def create(data: dict[str, Any]) -> Answer:
        wrong = refusal(data, version) or role_refusal(host, data)
        return _refused(wrong) if wrong else inner(data)

    return create


def _checked_update(host: Host, inner: Callable[..., Answer], version: str) -> Callable[..., Answer]:
    def update(name: str, data: dict[str, Any]) -> Answer:
        from ministack.services import lambda_svc

        before = (lambda_svc._functions.get(name) or {}).get("config") or {}
        wrong = refusal(data, version) or role_refusal(host, {**before, **data})
        return _refused(wrong) if wrong else inner(name, data)

    return update


def role_refusal(host: Host, data: Mapping[str, Any]) -> str | None:
    """Why the role of a function with these properties cannot be its role, or None."""
    from ministack.services import iam

    role_arn = data.get("Role")
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1]) if role_arn else None
    if role is None or role_arn is None:
        return None
    if not trusts(role.get("AssumeRolePolicyDocument"), "lambda.amazonaws.com"):
        return "The role defined for the function cannot be assumed by Lambda."
    untraced = tracing.function_refusal(host, role_arn, data.get("TracingConfig"))
    return untraced or network.function_refusal(host, role_arn, data.get("VpcConfig"))


def _refused(message: str) -> Answer:
    document = {"__type": "InvalidParameterValueException", "message": message, "Type": "User"}
    headers = {
        "Content-Type": "application/json",
        "x-amzn-errortype": "InvalidParameterValueException",
    }
    return 400, headers, json.dumps(document).encode()
