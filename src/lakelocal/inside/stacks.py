"""CloudFormation keeps every property that it accepts, and refuses the others by name."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from lakelocal.inside import batches, buckets, fidelity, functions, scalars, states
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

PROVISIONERS = "ministack.services.cloudformation.provisioners"
HOOKS = (
    Hook(PROVISIONERS, "_RESOURCE_HANDLERS"),
    Hook(PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS"),
    Hook(PROVISIONERS, "_GLUE_JOB_DEFAULTS"),
    Hook(PROVISIONERS, "_lambda_function_for_cfn_ref", ("function_ref",)),
    Hook(PROVISIONERS, "_provision_resource", ("resource_type", "logical_id", "props", "stack_name")),
    Hook("ministack.services.cloudformation.stacks", "_provision_resource"),
    Hook("ministack.services.cloudformation.stacks", "_update_resource"),
    Hook("ministack.services.cloudformation.stacks", "_add_event"),
    Hook("ministack.services.dynamodb", "_update_ttl", ("data",)),
    Hook("ministack.services.dynamodb", "_update_continuous_backups", ("data",)),
    Hook("ministack.services.dynamodb", "_update_table", ("data",)),
    Hook("ministack.services.iam", "_roles"),
    Hook("ministack.services.lambda_svc", "_esms"),
    Hook("ministack.services.lambda_svc", "_functions"),
    Hook("ministack.services.lambda_svc", "_execute_function_with_config_scope", ("func", "event")),
    Hook("ministack.services.cloudformation.custom_resource", "deliver_response", ("token", "response")),
    Hook("ministack.services.glue", "_jobs"),
    Hook("ministack.services.glue", "_databases"),
    *buckets.HOOKS,
)
RECORDED_NOTE = "local: recorded only, nothing runs behind this resource"
GLUE_KEPT = {
    "ExecutionProperty": {"MaxConcurrentRuns": 1},
    "ExecutionClass": "STANDARD",
    "NotificationProperty": {},
    "LogUri": "",
    "JobMode": "SCRIPT",
    "JobRunQueuingEnabled": False,
    "MaintenanceWindow": "",
}
Properties = dict[str, Any]
After = Callable[[str, Properties], None]


def install(host: Host) -> None:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners, stacks

    handlers = provisioners._RESOURCE_HANDLERS
    _record_types(handlers)
    stacks._provision_resource = _checked_create(stacks._provision_resource, host)
    stacks._update_resource = _checked_update(stacks._update_resource, host)
    stacks._add_event = _with_note(stacks._add_event)
    for kind, after in AFTER.items():
        _add_after(handlers[kind], after)
    handlers["AWS::Glue::Database"]["import"] = _import_database
    lambda_svc._execute_function_with_config_scope = _answering(lambda_svc._execute_function_with_config_scope)
    buckets.install(host)


def _answering(inner: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A custom resource's function that raises fails the resource at once; AWS would wait for an hour."""

    def execute(func: dict[str, Any], event: Any) -> dict[str, Any]:
        from ministack.services.cloudformation import custom_resource

        result = inner(func, event)
        url = str(event.get("ResponseURL", "")) if isinstance(event, dict) else ""
        if result.get("error") and "/cfn-response/" in url:
            body = result.get("body") or {}
            reason = f"The function failed: {body.get('errorType')}: {body.get('errorMessage')}"
            answer = {"Status": "FAILED", "Reason": reason}
            custom_resource.deliver_response(url.rsplit("/", 1)[-1], answer)
        return result

    return execute


def _checked_create(inner: Callable[..., Any], host: Host) -> Callable[..., Any]:
    def create(kind: str, logical_id: str, properties: Properties, stack_name: str) -> Any:
        made = scalars.typed(kind, properties)
        _check(kind, made, host)
        return inner(kind, logical_id, made, stack_name)

    return create


def _checked_update(inner: Callable[..., Any], host: Host) -> Callable[..., Any]:
    def update(kind: str, physical_id: str, old: Properties, new: Properties, *rest: Any, **more: Any) -> Any:
        made = scalars.typed(kind, new)
        if old != new:
            _check(kind, made, host)
        if old.get("ServiceToken") != new.get("ServiceToken"):
            raise ValueError("Modifying service token is not allowed.")
        return inner(kind, physical_id, scalars.typed(kind, old), made, *rest, **more)

    return update


def _check(kind: str, properties: Properties, host: Host) -> None:
    """Raise ValueError, which fails the resource, for what AWS or the local cloud would not accept."""
    wrong = fidelity.refusal(kind, properties)
    further = REFUSALS.get(kind)
    wrong = wrong or (further(properties, host) if further else None)
    if wrong:
        raise ValueError(wrong)


def _with_note(inner: Callable[..., None]) -> Callable[..., None]:
    """Say in a stack's events what is only recorded."""

    def add(
        stack_id: str,
        stack_name: str,
        logical_id: str,
        kind: str,
        status: str,
        reason: str = "",
        *rest: Any,
        **more: Any,
    ) -> None:
        row = fidelity.TYPES.get(kind)
        recorded = row is not None and row.how == fidelity.RECORDED and status == "CREATE_COMPLETE"
        inner(
            stack_id,
            stack_name,
            logical_id,
            kind,
            status,
            reason or (RECORDED_NOTE if recorded else ""),
            *rest,
            **more,
        )

    return add


def _record_types(handlers: dict[str, Any]) -> None:
    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
        named = [properties.get(key) for key in ("Name", "TrailName", "BudgetName", "TagKey")]
        name = next((str(value) for value in named if value), f"{stack_name}-{logical_id}-{uuid.uuid4().hex[:8]}")
        return name, {"Arn": f"arn:aws:local:::recorded/{name}", "Id": name}

    def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
        return physical_id, {"Arn": f"arn:aws:local:::recorded/{physical_id}", "Id": physical_id}

    def delete(physical_id: str, properties: Properties) -> None:
        return None

    for kind, row in fidelity.TYPES.items():
        if row.how == fidelity.RECORDED:
            handlers[kind] = {"create": create, "update": update, "delete": delete}


def _add_after(handler: dict[str, Any], after: After) -> None:
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        made = create(logical_id, properties, stack_name)
        after(made[0], properties)
        return made

    def updated(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        made = update(physical_id, old, new, *rest)
        after(made[0], new)
        return made

    handler["create"], handler["update"] = created, updated


def _import_database(identifier: dict[str, str]) -> tuple[str, dict[str, str]]:
    from ministack.services import glue

    name = identifier["DatabaseName"]
    if name not in glue._databases:
        raise ValueError(f"Database {name} not found")
    return name, {}


def _keep_boundary(name: str, properties: Properties) -> None:
    from ministack.services import iam

    boundary = properties.get("PermissionsBoundary")
    if boundary:
        iam._roles[name]["PermissionsBoundary"] = boundary
    else:
        iam._roles[name].pop("PermissionsBoundary", None)


def _keep_table(name: str, properties: Properties) -> None:
    from ministack.services import dynamodb

    lifetime = properties.get("TimeToLiveSpecification") or {}
    if lifetime:
        on = _true(lifetime.get("Enabled"))
        attribute = {"AttributeName": lifetime.get("AttributeName", "")}
        _ask(dynamodb._update_ttl, TableName=name, TimeToLiveSpecification={"Enabled": on, **attribute})
    recovery = properties.get("PointInTimeRecoverySpecification") or {}
    if recovery:
        on = _true(recovery.get("PointInTimeRecoveryEnabled"))
        asked = {"PointInTimeRecoveryEnabled": on}
        _ask(dynamodb._update_continuous_backups, TableName=name, PointInTimeRecoverySpecification=asked)
    encryption = properties.get("SSESpecification") or {}
    if encryption:
        asked = {
            "Enabled": _true(encryption.get("SSEEnabled")),
            "SSEType": encryption.get("SSEType", "KMS"),
            **({"KMSMasterKeyId": key} if (key := encryption.get("KMSMasterKeyId")) else {}),
        }
        _ask(dynamodb._update_table, TableName=name, SSESpecification=asked)


def _keep_function(name: str, properties: Properties) -> None:
    from ministack.services import lambda_svc

    function = lambda_svc._functions[name]
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = int(reserved) if reserved is not None else None
    for key in ("DeadLetterConfig", "VpcConfig", "KmsKeyArn"):
        if properties.get(key):
            function["config"][key] = properties[key]


def _keep_job(name: str, properties: Properties) -> None:
    from ministack.services import glue

    for key, default in GLUE_KEPT.items():
        glue._jobs[name][key] = properties.get(key, default)


def _keep_machine(arn: str, properties: Properties) -> None:
    from ministack.services import stepfunctions

    tracing = properties.get("TracingConfiguration") or {}
    stepfunctions._state_machines[arn]["tracingConfiguration"] = {"enabled": _true(tracing.get("Enabled"))}


def _keep_mapping(identifier: str, properties: Properties) -> None:
    """Numbers that came through a parameter are text in CloudFormation; the poller compares them."""
    from ministack.services import lambda_svc

    scaling = properties.get("ScalingConfig")
    if scaling:
        lambda_svc._esms[identifier]["ScalingConfig"] = {name: int(value) for name, value in scaling.items()}


AFTER: dict[str, After] = {
    "AWS::IAM::Role": _keep_boundary,
    "AWS::DynamoDB::Table": _keep_table,
    "AWS::Lambda::Function": _keep_function,
    "AWS::Glue::Job": _keep_job,
    "AWS::Lambda::EventSourceMapping": _keep_mapping,
    "AWS::StepFunctions::StateMachine": _keep_machine,
}


def _function_refusal(properties: Properties, host: Host) -> str | None:
    version = functions.interpreter_version(host.root / ".lake" / "envs" / "runtime" / "bin" / "python")
    return functions.refusal(properties, version) or functions.role_refusal(host, properties)


def _version_refusal(properties: Properties, host: Host) -> str | None:
    from ministack.services.cloudformation import provisioners

    wanted = properties.get("CodeSha256")
    function = provisioners._lambda_function_for_cfn_ref(properties["FunctionName"])[0]
    there = function["config"]["CodeSha256"] if function else wanted
    if not wanted or wanted == there:
        return None
    return (
        f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({there}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )


def _mapping_refusal(properties: Properties, host: Host) -> str | None:
    return batches.mapping_refusal(host, properties)


def _machine_refusal(properties: Properties, host: Host) -> str | None:
    logging, tracing = properties.get("LoggingConfiguration"), properties.get("TracingConfiguration")
    return states.role_refusal(host, properties.get("RoleArn"), logging, tracing)


REFUSALS: dict[str, Callable[[Properties, Host], str | None]] = {
    "AWS::Lambda::Function": _function_refusal,
    "AWS::Lambda::Version": _version_refusal,
    "AWS::Lambda::EventSourceMapping": _mapping_refusal,
    "AWS::StepFunctions::StateMachine": _machine_refusal,
}


def _true(value: object) -> bool:
    return str(value).lower() == "true"


def _ask(call: Callable[[Properties], Any], **data: Any) -> None:
    status, _, body = call(data)
    if status >= 400:
        raise ValueError(body.decode() if isinstance(body, bytes) else str(body))
