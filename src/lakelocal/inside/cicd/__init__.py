"""Push to deploy on the laptop: CodeCommit, CodePipeline and CodeBuild, by their own APIs, as their own roles."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from lakelocal.inside.cicd import events, git_door, service, types
from lakelocal.inside.cicd.codebuild import CodeBuild
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.codepipeline import CodePipeline
from lakelocal.inside.cicd.connections import Connections
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.cicd.git_door import GitDoor
from lakelocal.inside.cicd.home import at_home
from lakelocal.inside.cicd.mirror_door import MirrorDoor
from lakelocal.inside.cicd.mirrors import Mirrors
from lakelocal.inside.cicd.service import Service, of_request
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.app", "app", ("scope", "receive", "send")),
    Hook("ministack.services.eventbridge", "_invoke_target", ("target", "event", "rule", "view")),
    Hook("ministack.services.eventbridge", "_apply_input_transformer", ("transformer", "rule", "view")),
    Hook("ministack.services.eventbridge", "_pattern_event_view", ("event",)),
    Hook("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS"),
    *events.HOOKS,
    *git_door.HOOKS,
    *service.HOOKS,
    *types.HOOKS,
)
logger = logging.getLogger("lakelocal.cicd")


def install(host: Host) -> None:
    """Put the developer services behind their names, git behind its paths, pipelines behind EventBridge."""
    from ministack import app
    from ministack.core import iam_actions
    from ministack.services import eventbridge
    from ministack.services.cloudformation import provisioners

    folder = host.state_folder / "cicd"
    codecommit, connections = CodeCommit(host, folder), Connections(host, folder)
    codebuild, mirrors = CodeBuild(host, folder, codecommit), Mirrors(folder)
    codepipeline = CodePipeline(host, folder, codecommit, codebuild, connections, mirrors)
    services = {one.service.name: one.service for one in (codecommit, codebuild, codepipeline, connections)}
    for one in services.values():
        one.register(host)
    iam_actions.extract_resource_arn = _with_ours(services, iam_actions.extract_resource_arn)
    eventbridge._invoke_target = _starting(codepipeline, codebuild, eventbridge._invoke_target)
    for kind, calls in types.handlers(codecommit, codebuild, codepipeline, connections).items():
        provisioners._RESOURCE_HANDLERS[kind] = {name: at_home(host, call) for name, call in calls.items()}
    app.app = MirrorDoor(GitDoor(app.app, host, codecommit), host, mirrors)


def _with_ours(services: dict[str, Service], inner: Callable[..., str]) -> Callable[..., str]:
    """The resource that a request of ours is about; with `*` no policy that names one would fit."""

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
        if service in services:
            return of_request(services[service], headers.get("x-amz-target", "").rpartition(".")[2], body)
        return inner(service, method, path, headers, body, query_params, region, account_id)

    return extract


def _starting(codepipeline: CodePipeline, codebuild: CodeBuild, inner: Callable[..., None]) -> Callable[..., None]:
    """A rule's target may be a pipeline or a build; whether the rule may start it, targets.py has asked before."""

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        parts = str(target.get("Arn", "")).split(":")
        try:
            if len(parts) == 6 and parts[2] == "codepipeline":
                trigger = {"triggerType": "CloudWatchEvent", "triggerDetail": str(rule.get("Arn", ""))}
                codepipeline.begin(parts[5], {}, trigger)
            elif len(parts) == 6 and parts[2] == "codebuild":
                given = {**_input(target, event, rule, view), "projectName": parts[5].removeprefix("project/")}
                codebuild.start(given, f"rule/{rule.get('Name', '')}")
            else:
                inner(target, event, rule, view)
        except Refused as refused:
            logger.warning("%s could not start %s: %s", rule.get("Arn"), target.get("Arn"), refused)

    return invoke


def _input(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any) -> dict[str, Any]:
    """What a target is told of the event; without an input of its own, nothing that starts a build differently."""
    from ministack.services import eventbridge

    said = target.get("Input") or "{}"
    if target.get("InputTransformer"):
        seen = view or eventbridge._pattern_event_view(event)
        said = eventbridge._apply_input_transformer(target["InputTransformer"], rule, seen)
    told: dict[str, Any] = json.loads(said)
    return told
