"""CloudFormation's AWS::EMRServerless::Application: its properties become requests of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakelocal.inside.cicd.failure import Refused
from lakelocal.inside.rest_service import model_of, small, spelt

Properties = dict[str, Any]
Made = tuple[str, dict[str, str]]
Call = Callable[[dict[str, Any]], Any]


def handlers(create: Call, update: Call, delete: Call) -> dict[str, dict[str, Callable[..., Any]]]:
    """What CloudFormation calls for the type."""

    def made(logical_id: str, properties: Properties, stack: str) -> Made:
        told = _asked(create, request(properties))
        return _told(told["applicationId"], told["arn"])

    def changed(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        for name in ("Name", "Type"):
            if old.get(name) != new.get(name):
                raise ValueError(
                    f"The local cloud does not change {name} of an application: give it another logical id"
                )
        told = _asked(update, {**request(new), "applicationId": physical_id})["application"]
        return _told(physical_id, told["arn"])

    def gone(physical_id: str, properties: Properties, *rest: Any) -> None:
        _asked(delete, {"applicationId": physical_id})

    return {"AWS::EMRServerless::Application": {"create": made, "update": changed, "delete": gone}}


def request(properties: Properties) -> dict[str, Any]:
    """The request of the API; what CloudFormation lists in pairs is a map there."""
    shape = model_of("emr-serverless").operation_model("CreateApplication").input_shape
    plain = {**properties, "Tags": {one["Key"]: one["Value"] for one in properties.get("Tags") or []}}
    monitoring = dict(plain.get("MonitoringConfiguration") or {})
    if watch := dict(monitoring.get("CloudWatchLoggingConfiguration") or {}):
        types = watch.pop("LogTypeMap", None)
        watch |= {"LogTypes": {one["Key"]: one["Value"] for one in types}} if types else {}
        plain["MonitoringConfiguration"] = monitoring | {"CloudWatchLoggingConfiguration": watch}
    made: dict[str, Any] = spelt(shape, plain, small)
    return made


def _told(identifier: str, arn: str) -> Made:
    return identifier, {"ApplicationId": identifier, "Arn": arn}


def _asked(call: Call, given: dict[str, Any]) -> Any:
    try:
        return call(given)
    except Refused as refused:
        raise ValueError(f"{refused.code}: {refused.message}") from refused
