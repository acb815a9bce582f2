"""What a state machine's tasks call: optimized integrations, as the machine's role."""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from lakelocal.inside import bell, emr_integration
from lakelocal.inside.credentials import ACTING, Credentials
from lakelocal.inside.door import CallFailed, Host
from lakelocal.inside.hook import Hook

MODULE = "ministack.services.stepfunctions"
HOOKS = (
    Hook(MODULE, "_SERVICE_DISPATCH"),
    Hook(MODULE, "_call_lambda", ("func_ref", "event")),
    Hook(MODULE, "_prefix_sdk_error", ("service_name", "error_code")),
    Hook(MODULE, "_invoke_nested_start_execution", ("resource", "input_data")),
    Hook(MODULE, "_invoke_nested_start_execution_sync", ("resource", "input_data")),
    Hook("ministack.services.lambda_svc", "_get_func_record_for_ref"),
)
EXECUTION: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
ABANDONED: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("abandoned", default=None)
PREFIX = "arn:aws:states:::"
RUN_ENDED = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED")
# SDK clients without an AccessDenied exception of their own surface the service's general one
MODELLED_DENIALS = frozenset({"glue", "lakeformation", "events"})
Task = Callable[[str, dict[str, Any]], Any]


def install(host: Host) -> None:
    from ministack.services import stepfunctions

    stepfunctions._call_lambda = _authorised_lambda(host, stepfunctions._call_lambda)
    stepfunctions._prefix_sdk_error = _sdk_error(stepfunctions._prefix_sdk_error)
    for name in ("_invoke_nested_start_execution", "_invoke_nested_start_execution_sync"):
        setattr(stepfunctions, name, _authorised_machine(host, getattr(stepfunctions, name)))
    dispatch = stepfunctions._SERVICE_DISPATCH
    dispatch[PREFIX + "glue:startJobRun"] = _glue_run(host)
    dispatch[PREFIX + "emr-serverless:startJobRun"] = _emr_run(host)
    for action in ("getItem", "putItem", "updateItem", "deleteItem"):
        dispatch[f"{PREFIX}dynamodb:{action}"] = _json_task(
            host, "dynamodb", action[0].upper() + action[1:], "DynamoDB", "DynamoDB.AmazonDynamoDBException"
        )
    dispatch[PREFIX + "sqs:sendMessage"] = _sqs_send(host)
    dispatch[PREFIX + "events:putEvents"] = _json_task(
        host, "events", "PutEvents", "EventBridge", "EventBridge.AccessDeniedException"
    )
    dispatch[PREFIX + "sns:publish"] = _checked_publish(host, dispatch[PREFIX + "sns:publish"])
    # the dispatcher drops `.sync` but finds entries by prefix: the shorter name must not catch the longer
    for service in ("athena", "emr-serverless", "batch", "codebuild", "http", "ecs", "sagemaker"):
        dispatch[f"{PREFIX}{service}:"] = _refused


def failure(error: str, cause: str) -> Exception:
    """A task's failure, as the state machine sees it."""
    from ministack.services import stepfunctions

    made: Exception = stepfunctions._ExecutionError(error, cause)
    return made


def _who(host: Host) -> Credentials:
    return ACTING.get() or host.admin_credentials()


def _denied(service: str, denial: str) -> str:
    return f"{denial} (Service: {service}, Status Code: 403)"


def _authorised_lambda(host: Host, inner: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def call(func_ref: Any, event: Any) -> Any:
        acting = ACTING.get()
        denial = host.denial(acting, "lambda:InvokeFunction", _function_arn(host, func_ref)) if acting else None
        if denial:
            raise failure("Lambda.AWSLambdaException", _denied("Lambda", denial))
        token = ACTING.set(None)  # the function acts as its own role
        try:
            return inner(func_ref, event)
        finally:
            ACTING.reset(token)

    return call


def _function_arn(host: Host, func_ref: object) -> str:
    text = str(func_ref)
    return text if text.startswith("arn:") else f"arn:aws:lambda:{host.region}:{host.present}:function:{text}"


def _authorised_machine(host: Host, inner: Task) -> Task:
    def start(resource: str, data: dict[str, Any]) -> Any:
        acting = ACTING.get()
        arn = str(data.get("StateMachineArn", ""))
        denial = host.denial(acting, "states:StartExecution", arn) if acting else None
        if denial:
            raise failure("StepFunctions.AWSStepFunctionsException", _denied("AWSStepFunctions", denial))
        return inner(resource, data)

    return start


def _sdk_error(inner: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Denials by the name that Step Functions gives them for an SDK integration."""

    def prefixed(service_name: str, error_code: str) -> str:
        denied = error_code.split("#")[-1] in ("AccessDenied", "AccessDeniedException")
        if denied and service_name not in MODELLED_DENIALS:
            general = inner(service_name, "X").split(".")[0]
            return f"{general}.{general}Exception"
        return inner(service_name, error_code)

    return prefixed


def _json_task(host: Host, service: str, action: str, prefix: str, denial: str) -> Task:
    def task(resource: str, data: dict[str, Any]) -> Any:
        try:
            return host.call(service, action, data, _who(host))
        except CallFailed as error:
            code = error.code.rsplit(".", 1)[-1]
            denied = code in ("AccessDeniedException", "AccessDenied")
            raise failure(denial if denied else f"{prefix}.{code}", error.message) from error

    return task


def _sqs_send(host: Host) -> Task:
    inner = _json_task(host, "sqs", "SendMessage", "SQS", "SQS.AmazonSQSException")

    def send(resource: str, data: dict[str, Any]) -> Any:
        body = data.get("MessageBody")
        text = body if isinstance(body, str) else json.dumps(body)
        return inner(resource, {**data, "MessageBody": text})

    return send


def _checked_publish(host: Host, inner: Task) -> Task:
    def publish(resource: str, data: dict[str, Any]) -> Any:
        denial = host.denial(_who(host), "sns:Publish", str(data.get("TopicArn", "*")))
        if denial:
            raise failure("SNS.AmazonSNSException", _denied("AmazonSNS", denial))
        return inner(resource, data)

    return publish


def _refused(resource: str, data: dict[str, Any]) -> Any:
    raise failure(
        "States.Runtime",
        f"{resource} is not supported by the local cloud: use a Lambda function, glue:startJobRun.sync "
        "or emr-serverless:startJobRun.sync.",
    )


def _glue_run(host: Host) -> Task:
    """`glue:startJobRun` and `.sync`: the run's JSON as result, or as the cause of States.TaskFailed."""

    def ask(action: str, data: dict[str, Any]) -> dict[str, Any]:
        try:
            return host.call("glue", action, data, _who(host))
        except CallFailed as error:
            raise failure(f"Glue.{error.code.rsplit('.', 1)[-1]}", error.message) from error

    def task(resource: str, data: dict[str, Any]) -> Any:
        started = ask("StartJobRun", data)
        if ".sync" not in resource:
            return started
        job, run_id = data["JobName"], started["JobRunId"]
        while True:
            run = ask("GetJobRun", {"JobName": job, "RunId": run_id})["JobRun"]
            if run["JobRunState"] in RUN_ENDED:
                return _outcome(run)
            if _given_up():
                ask("BatchStopJobRun", {"JobName": job, "JobRunIds": [run_id]})
                raise failure("States.Timeout", f"The task no longer waits for job run {run_id}.")
            bell.sleep()

    return task


def _emr_run(host: Host) -> Task:
    """`emr-serverless:startJobRun` and `.sync`: the run as result, or as the cause of States.TaskFailed."""

    def task(resource: str, data: dict[str, Any]) -> Any:
        try:
            return emr_integration.start(host, _who(host), data, ".sync" in resource, _given_up)
        except emr_integration.TaskFailed as failed:
            raise failure(failed.error, failed.cause) from failed

    return task


def _given_up() -> bool:
    """Whether the execution was stopped or the task ran out of time."""
    execution, abandoned = EXECUTION.get(), ABANDONED.get()
    stopped = execution is not None and execution["status"] != "RUNNING"
    return stopped or (abandoned is not None and abandoned.is_set())


def _outcome(run: dict[str, Any]) -> dict[str, Any]:
    shown = {
        key: int(value * 1000) if key in ("StartedOn", "CompletedOn", "LastModifiedOn") and value else value
        for key, value in run.items()
    }
    if run["JobRunState"] != "SUCCEEDED":
        raise failure("States.TaskFailed", json.dumps(shown, default=str))
    return shown
