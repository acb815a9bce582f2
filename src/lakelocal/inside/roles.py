"""IAM at the door, complete: the resources that AWS names, all that it asks, every decision recorded."""

from __future__ import annotations

import contextvars
import functools
import os
from collections.abc import Callable
from typing import Any

from lakelocal.inside import (
    decisions,
    deliveries,
    demanded_items,
    demanded_metrics,
    demanded_tables,
    demands,
    judge,
    key_grants,
    log_keys,
    principals,
    targets,
)
from lakelocal.inside.athena import permission
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook
from lakelocal.inside.judge import account_of
from lakelocal.inside.request import Demand, Request

ACTIONS, EVALUATOR = "ministack.core.iam_actions", "ministack.core.iam_evaluator"
HOOKS = (
    Hook(
        ACTIONS,
        "extract_iam_action",
        ("service", "method", "path", "headers", "body", "query_params"),
    ),
    Hook(
        ACTIONS,
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    ),
    Hook(ACTIONS, "dynamodb_service_context", ("body",)),
    Hook(ACTIONS, "access_denied_response"),
    Hook(
        EVALUATOR,
        "enforce",
        ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"),
    ),
    Hook(EVALUATOR, "evaluate", ("ctx", "policies", "limits")),
    Hook(EVALUATOR, "parse_policy_document", ("doc",)),
    Hook(EVALUATOR, "_resource_policy", ("service", "resource_arn")),
    Hook(EVALUATOR, "_POLICY_REQUIRED"),
    Hook(EVALUATOR, "EvalResult"),
    Hook(EVALUATOR, "combine_resource_policy"),
    *demands.HOOKS,
    *judge.HOOKS,
    *key_grants.HOOKS,
    *deliveries.HOOKS,
    *log_keys.HOOKS,
    *principals.HOOKS,
    *targets.HOOKS,
)
STATEMENT_CALLS = ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
# the request whose first check is still to come, the context of the latest evaluation, what was denied
PENDING: contextvars.ContextVar[Request | None] = contextvars.ContextVar("pending", default=None)
ON_AN_ALIAS = {"GET": "lambda:GetAlias", "PUT": "lambda:UpdateAlias", "DELETE": "lambda:DeleteAlias"}
EVALUATED: contextvars.ContextVar[list[Any] | None] = contextvars.ContextVar("evaluated", default=None)
DENIED: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("denied", default=None)
ACTION: contextvars.ContextVar[str] = contextvars.ContextVar("action", default="")


def install(host: Host) -> None:
    from ministack.core import iam_actions, iam_evaluator

    recorder = None
    if os.environ.get("LAKE_DECISIONS") == "1":
        recorder = decisions.Recorder(host.state_folder / decisions.FILE)
    iam_actions.extract_iam_action = _true_action(iam_actions.extract_iam_action)
    iam_actions.extract_resource_arn = _true_resource(iam_actions.extract_resource_arn)
    iam_actions.dynamodb_service_context = _with_leading_keys(iam_actions.dynamodb_service_context)
    iam_actions.access_denied_response = _true_denial(iam_actions.access_denied_response)
    principals.install()
    iam_evaluator.parse_policy_document = _parsed_once(iam_evaluator.parse_policy_document)
    iam_evaluator.evaluate = _remembered(iam_evaluator.evaluate)
    iam_evaluator.enforce = _complete(iam_evaluator.enforce, recorder)
    services = judge.Judge(recorder)
    deliveries.install(host, services)
    log_keys.install(host, services)
    targets.install(host, services)


def _true_action(inner: Callable[..., str | None]) -> Callable[..., str | None]:
    """PartiQL calls are authorised as the statements that they run."""

    def extract(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> str | None:
        action = inner(service, method, path, headers, body, query_params)
        if service == "dynamodb" and action and action.split(":")[1] in STATEMENT_CALLS:
            request = Request(service, action, path, headers, body, query_params, "", "")
            first = next(iter(demanded_items.statements(request)), None)
            action = demanded_items.statement_demand(request, *first).action if first else action
        if action == "lambda:ListEventSourceMappings" and not path.rstrip("/").endswith("event-source-mappings"):
            action = "lambda:GetEventSourceMapping"
        if action == "lambda:ListAliases" and "/aliases/" in path:
            action = ON_AN_ALIAS.get(method, action)
        if service == "sqs" and action:
            action = action.removesuffix("Batch")
        ACTION.set(action or "")
        return action

    return extract


def _true_resource(inner: Callable[..., str]) -> Callable[..., str]:
    def extract(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        request = Request(service, ACTION.get(), path, headers, body, query_params, region, account_id)
        PENDING.set(request)
        DENIED.set(None)
        if service == "glue":
            found = demanded_tables.glue_resource(request)
            if found:
                return found
        if service == "ssm" and (below := request.json().get("Path")):
            return f"arn:aws:ssm:{region}:{account_id}:parameter{below}"
        if service == "athena" and (found := permission.resource(request)):
            return found
        if service == "dynamodb" and request.action.startswith("dynamodb:PartiQL"):
            return demanded_items.statement_demand(request, *demanded_items.statements(request)[0]).resource
        found = inner(service, method, path, headers, body, query_params, region, account_id)
        version = request.parameter("Qualifier") if service == "lambda" else ""
        return f"{found}:{version}" if version and not found.endswith(f":{version}") else found

    return extract


def _with_leading_keys(inner: Callable[[bytes], dict[str, Any]]) -> Callable[[bytes], dict[str, Any]]:
    def context(body: bytes) -> dict[str, Any]:
        found = inner(body)
        keys = demanded_items.leading_keys(body)
        pending = PENDING.get()
        if not keys and pending is not None and pending.action.startswith("dynamodb:PartiQL"):
            first = demanded_items.statement_demand(pending, *demanded_items.statements(pending)[0])
            return {**found, **first.context}
        return {**found, "dynamodb:LeadingKeys": sorted(set(keys))} if keys else found

    return context


def _true_denial(inner: Callable[..., Any]) -> Callable[..., Any]:
    """A denial names what was denied, which need not be the request's own action."""

    def respond(service: str, action: str, principal_arn: str, request_id: str, **about: Any) -> Any:
        from ministack.core import iam_actions

        denied = DENIED.get()
        DENIED.set(None)
        if denied is not None:
            action, about["resource_arn"] = denied
        explicit = bool(about.get("explicit_deny"))
        if not about.get("message") and not (explicit and about.get("resource_policy_arn")):
            resource = about.get("resource_arn", "*")
            about["message"] = iam_actions.identity_denial_message(action, principal_arn, resource, explicit)
        return inner(service, action, principal_arn, request_id, **about)

    return respond


def _parsed_once(inner: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """A policy is text, and every request of a role is judged by all of its policies."""
    parsed = functools.lru_cache(1024)(inner)

    def parse(doc: Any) -> list[Any]:
        return list(parsed(doc)) if isinstance(doc, str) else inner(doc)

    return parse


def _remembered(inner: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the context of an evaluation for the record of the decision that it is part of."""

    def evaluate(ctx: Any, policies: Any, *limits: Any) -> Any:
        kept = EVALUATED.get()
        if kept is not None and not kept:
            kept.append(ctx)
        return inner(ctx, policies, *limits)

    return evaluate


def _complete(inner: Callable[..., Any], recorder: decisions.Recorder | None) -> Callable[..., Any]:
    """Check the action that is asked for, then everything else that AWS would ask for."""

    def check(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        token = EVALUATED.set([])
        try:
            result = inner(access_key_id, iam_action, service, region, resource_arn, service_context)
            kept = EVALUATED.get()
            if service == "kms" and kept and key_grants.overrule(result, kept[0]):
                result = None
        finally:
            EVALUATED.reset(token)
        if recorder is not None and kept:
            recorder.record(kept[0], result is None, _own_policy(service, resource_arn))
        return result

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        request = PENDING.get()
        PENDING.set(None)
        ours = request is not None and request.action == iam_action
        if request is not None and ours:
            service_context = {**(service_context or {}), **_named(request)}
        result = check(access_key_id, iam_action, service, region, resource_arn, service_context)
        if result is not None or request is None or not ours:
            return result
        for demand in demands.further(request, resource_arn):
            kind = demand.action.split(":")[0]
            result = _across(request, demand) or check(
                access_key_id, demand.action, kind, region, demand.resource, demand.context
            )
            if result is not None:
                DENIED.set((demand.action, demand.resource))
                return result
        return None

    return enforce


def _across(request: Request, demand: Demand) -> Any:
    """The local cloud lets nobody use a key of another account, whatever that key's policy says."""
    from ministack.core.iam_evaluator import EvalResult, caller_arn

    if demand.action.startswith("kms:") and account_of(demand.resource) not in ("", request.account):
        return EvalResult("ImplicitDeny", principal_arn=caller_arn())
    return None


def _own_policy(service: str, resource_arn: str) -> tuple[object, str | None, bool] | None:
    from ministack.core import iam_evaluator

    found = iam_evaluator._resource_policy(service, resource_arn)
    if found is None or not found[0]:
        return None
    return found[0], found[1], service in iam_evaluator._POLICY_REQUIRED


def _named(request: Request) -> dict[str, Any]:
    """What a request names that conditions of a policy ask for."""
    found = demanded_metrics.conditions(request)
    if request.service == "cloudformation" and (role := request.parameter("RoleARN")):
        found["cloudformation:rolearn"] = role
    return found
