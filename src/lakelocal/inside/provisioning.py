"""CloudFormation acts for somebody: as the stack's role where it has one, else as whoever called.

What it calls for a resource is in provisioning_needs.py. The account's root may do everything and is asked nothing.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

from lakelocal.inside.credentials import Credentials, UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.provisioning_demands import of_creation, of_deletion, of_update, reference_demand
from lakelocal.inside.request import Demand

PACKAGE = "ministack.services.cloudformation"
HOOKS = (
    Hook(f"{PACKAGE}.handlers", "_ACTION_HANDLERS"),
    Hook(f"{PACKAGE}.handlers", "_resolve_stack", ("stack_name",)),
    Hook(f"{PACKAGE}.handlers", "_p"),
    Hook(f"{PACKAGE}.handlers", "_error"),
    Hook(f"{PACKAGE}.changesets", "_find_change_set", ("cs_name", "stack_name")),
    Hook(f"{PACKAGE}.engine", "_resolve_dynamic_reference", ("literal",)),
    Hook(f"{PACKAGE}.stacks", "_provision_resource"),
    Hook(f"{PACKAGE}.stacks", "_update_resource"),
    Hook(f"{PACKAGE}.stacks", "_delete_resource"),
    Hook(f"{PACKAGE}.provisioners", "_replacing_change", ("resource_type", "old_props", "new_props")),
    Hook("ministack.core.iam_evaluator", "is_root_access_key", ("access_key_id",)),
    Hook("ministack.services.ec2", "_tags"),
)
PRINCIPAL = "cloudformation.amazonaws.com"
OPERATIONS = (
    "CreateStack",
    "UpdateStack",
    "DeleteStack",
    "CreateChangeSet",
    "ExecuteChangeSet",
    "RollbackStack",
    "ContinueUpdateRollback",
)
ACTOR: contextvars.ContextVar[Credentials | None] = contextvars.ContextVar("actor", default=None)
"""Whose permissions the operation at hand needs; root's where unset. Tasks of a stack inherit it."""
Properties = dict[str, Any]
Operation = Callable[[Any], Any]


def install(host: Host) -> None:
    from ministack.services.cloudformation import engine, handlers, stacks

    for name in OPERATIONS:
        handlers._ACTION_HANDLERS[name] = _acting(host, name, handlers._ACTION_HANDLERS[name])
    handlers._ACTION_HANDLERS["DescribeStacks"] = _naming_roles(handlers._ACTION_HANDLERS["DescribeStacks"])
    engine._resolve_dynamic_reference = _permitted_reference(host, engine._resolve_dynamic_reference)
    stacks._provision_resource = _permitted_create(host, stacks._provision_resource)
    stacks._update_resource = _permitted_update(host, stacks._update_resource)
    stacks._delete_resource = _permitted_delete(host, stacks._delete_resource)


def _acting(host: Host, name: str, inner: Operation) -> Operation:
    """Run an operation, and the tasks that it starts, as the stack's role or as the caller."""

    def operate(params: Any) -> Any:
        from ministack.services.cloudformation import handlers

        stack, change_set = _meant(params)
        remembered = change_set.get("RoleARN") or ("" if name == "CreateStack" else stack.get("RoleARN", ""))
        role = handlers._p(params, "RoleARN") or remembered
        try:
            actor = host.role_credentials(role, "AWSCloudFormation", PRINCIPAL) if role else _caller()
        except UnknownRole:
            return handlers._error("ValidationError", f"Role {role} is invalid or cannot be assumed")
        token = ACTOR.set(actor)
        try:
            answer = inner(params)
        finally:
            ACTOR.reset(token)
        if role and answer[0] == 200:
            stack, change_set = _meant(params)
            (change_set if name == "CreateChangeSet" else stack)["RoleARN"] = role
        return answer

    return operate


def _meant(params: Any) -> tuple[Properties, Properties]:
    """The records of the stack and of the change set that an operation means; empty where there is none."""
    from ministack.services.cloudformation import changesets, handlers

    stack, change_set = handlers._p(params, "StackName"), handlers._p(params, "ChangeSetName")
    found = changesets._find_change_set(change_set, stack)[1] if change_set else None
    stack = found["StackName"] if found else stack
    return handlers._resolve_stack(stack) or {}, found or {}


def _caller() -> Credentials | None:
    """Who called, unless it is root."""
    from ministack.core import iam_evaluator

    key = iam_evaluator._verified_key.get()
    return None if not key or iam_evaluator.is_root_access_key(key) else Credentials(key, "")


def _naming_roles(inner: Operation) -> Operation:
    """DescribeStacks says which role a stack has."""

    def describe(params: Any) -> Any:
        from ministack.services.cloudformation import _stacks

        status, headers, body = inner(params)
        for stack in _stacks.values():
            if stack.get("RoleARN"):
                said = f"<StackId>{stack['StackId']}</StackId>"
                body = body.replace(said.encode(), f"{said}<RoleARN>{stack['RoleARN']}</RoleARN>".encode())
        return status, headers, body

    return describe


def _permitted_reference(host: Host, inner: Callable[[str], str]) -> Callable[[str], str]:
    def resolve(literal: str) -> str:
        actor, demand = ACTOR.get(), reference_demand(literal, host.region, host.present)
        denial = host.denial(actor, demand.action, demand.resource) if actor and demand else None
        if denial:
            raise ValueError(denial)
        return inner(literal)

    return resolve


def _permitted_create(host: Host, inner: Callable[..., Any]) -> Callable[..., Any]:
    def create(kind: str, logical_id: str, properties: Properties, stack_name: str) -> Any:
        _check(host, lambda: of_creation(kind, logical_id, properties, stack_name, host.region, host.present))
        return inner(kind, logical_id, properties, stack_name)

    return create


def _permitted_update(host: Host, inner: Callable[..., Any]) -> Callable[..., Any]:
    def update(kind: str, physical_id: str, old: Properties, new: Properties, stack_name: str, *rest: Any) -> Any:
        from ministack.services.cloudformation import provisioners

        def demands() -> Iterator[Demand]:
            if old == new:
                return
            if provisioners._replacing_change(kind, old, new):
                yield from of_creation(kind, physical_id, new, stack_name, host.region, host.present)
            else:
                yield from of_update(kind, physical_id, old, new, host.region, host.present)

        _check(host, demands)
        return inner(kind, physical_id, old, new, stack_name, *rest)

    return update


def _permitted_delete(host: Host, inner: Callable[..., Any]) -> Callable[..., Any]:
    def delete(kind: str, physical_id: str, properties: Properties, *rest: Any) -> Any:
        tagged = _with_tags(physical_id, properties)
        _check(host, lambda: of_deletion(kind, physical_id, tagged, host.region, host.present))
        return inner(kind, physical_id, properties, *rest)

    return delete


def _with_tags(physical_id: str, properties: Properties) -> Properties:
    """A resource of EC2 with the tags that it has, those of its stack too; conditions of a policy ask for them."""
    from ministack.services import ec2

    return {**properties, "Tags": ec2._tags[physical_id]} if physical_id in ec2._tags else properties


def _check(host: Host, demands: Callable[[], Iterator[Demand]]) -> None:
    """Raise ValueError, which fails the resource, for the first demand that the actor is denied."""
    actor = ACTOR.get()
    if actor is None:
        return
    for demand in demands():
        denial = host.denial(actor, demand.action, demand.resource, demand.context)
        if denial:
            service = demand.action.split(":")[0].capitalize()
            raise ValueError(
                f'Resource handler returned message: "{denial} (Service: {service}, Status Code: 403)" '
                "(HandlerErrorCode: AccessDenied)"
            )
