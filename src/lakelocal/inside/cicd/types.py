"""CloudFormation's types of the developer services: properties become the services' own requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lakelocal.inside.cicd.codebuild import CodeBuild
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.codepipeline import CodePipeline
from lakelocal.inside.cicd.connections import Connections
from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.hook import Hook

HOOKS = (Hook("ministack.services.cloudformation.provisioners", "_physical_name"),)
Properties = dict[str, Any]
Made = tuple[str, dict[str, str]]
AS_WRITTEN = {"Configuration"}
"""Maps whose keys are somebody's own names, not CloudFormation's."""


def handlers(
    codecommit: CodeCommit, codebuild: CodeBuild, codepipeline: CodePipeline, connections: Connections
) -> dict[str, dict[str, Callable[..., Any]]]:
    """What CloudFormation calls for each type."""
    return {
        "AWS::CodeCommit::Repository": _repository(codecommit),
        "AWS::CodeBuild::Project": _project(codebuild),
        "AWS::CodePipeline::Pipeline": _pipeline(codepipeline),
        "AWS::CodeConnections::Connection": _connection(connections),
    }


def as_request(value: Any) -> Any:
    """CloudFormation writes `RunOrder` where the API writes `runOrder`."""
    if isinstance(value, Mapping):
        made = {
            name[0].lower() + name[1:]: one if name in AS_WRITTEN else as_request(one) for name, one in value.items()
        }
        if "buildSpec" in made:
            made["buildspec"] = made.pop("buildSpec")
        return made
    return [as_request(one) for one in value] if isinstance(value, list) else value


def _repository(service: CodeCommit) -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        return _told(_asked(service.create, as_request(properties))["repositoryMetadata"])

    def update(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        if old["RepositoryName"] != new["RepositoryName"]:
            raise ValueError("The local cloud renames no repository: give the new one another logical id")
        kept = service.record(new["RepositoryName"])
        kept["repositoryDescription"] = new.get("RepositoryDescription", "")
        service.records.put(new["RepositoryName"], kept)
        return _told(kept)

    def delete(physical_id: str, properties: Properties, *rest: Any) -> None:
        service.delete(as_request(properties))

    return {"create": create, "update": update, "delete": delete}


def _told(made: Mapping[str, Any]) -> Made:
    named = {"Arn": "Arn", "CloneUrlHttp": "cloneUrlHttp", "CloneUrlSsh": "cloneUrlSsh", "Name": "repositoryName"}
    return str(made["repositoryId"]), {name: str(made[key]) for name, key in named.items()}


def _project(service: CodeBuild) -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        name = properties.get("Name") or _made_up(stack, logical_id)
        made = _asked(service.create_project, {**as_request(properties), "name": name})["project"]
        return name, {"Arn": made["arn"]}

    def update(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        if new.get("Name") not in (None, physical_id):
            raise ValueError("The local cloud renames no project: give the new one another logical id")
        made = _asked(service.update_project, {**as_request(new), "name": physical_id})["project"]
        return physical_id, {"Arn": made["arn"]}

    def delete(physical_id: str, properties: Properties, *rest: Any) -> None:
        service.delete_project({"name": physical_id})

    return {"create": create, "update": update, "delete": delete}


def _pipeline(service: CodePipeline) -> dict[str, Callable[..., Any]]:
    def request(name: str, properties: Properties) -> dict[str, Any]:
        given = as_request(
            {key: one for key, one in properties.items() if key not in ("Tags", "RestartExecutionOnUpdate")}
        )
        return {"pipeline": {**given, "name": name}}

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        name = properties.get("Name") or _made_up(stack, logical_id)
        made = _asked(service.create, request(name, properties))["pipeline"]
        return name, {"Version": str(made["version"])}

    def update(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        if new.get("Name") not in (None, physical_id):
            raise ValueError("The local cloud renames no pipeline: give the new one another logical id")
        made = _asked(service.update, request(physical_id, new))["pipeline"]
        return physical_id, {"Version": str(made["version"])}

    def delete(physical_id: str, properties: Properties, *rest: Any) -> None:
        service.delete({"name": physical_id})

    return {"create": create, "update": update, "delete": delete}


def _connection(service: Connections) -> dict[str, Callable[..., Any]]:
    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        arn = service.create(properties)["ConnectionArn"]
        about = {"ConnectionArn": arn, "ConnectionStatus": "PENDING", "OwnerAccountId": arn.split(":")[4]}
        return arn, about

    def update(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        if old != new:
            raise ValueError("The local cloud changes no connection: give the new one another logical id")
        return physical_id, {"ConnectionArn": physical_id, "ConnectionStatus": service.status(physical_id)}

    def delete(physical_id: str, properties: Properties, *rest: Any) -> None:
        service.delete({"ConnectionArn": physical_id})

    return {"create": create, "update": update, "delete": delete}


def _asked(call: Callable[[dict[str, Any]], Any], given: dict[str, Any]) -> Any:
    try:
        return call(given)
    except Refused as refused:
        raise ValueError(f"{refused.code}: {refused.message}") from refused


def _made_up(stack: str, logical_id: str) -> str:
    from ministack.services.cloudformation import provisioners

    return str(provisioners._physical_name(stack, logical_id))
