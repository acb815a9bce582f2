"""Whatever runs is traced where the switch is on, by roles that may trace then and only then."""

from __future__ import annotations

from pathlib import Path

from lakectl.lint.document import target_of
from lakectl.lint.project import Resource, Template, read_project

ROOMS = read_project(Path(__file__).parents[2]).below("foundations/", "team/", "pipelines/", "datasets/").templates
WRITES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
READS = {"xray:GetSamplingRules", "xray:GetSamplingTargets"}
OF_ROLE = {"AWS::Lambda::Function": ("Role", WRITES), "AWS::StepFunctions::StateMachine": ("RoleArn", WRITES | READS)}


def running() -> list[tuple[Template, Resource]]:
    return [(room, one) for room in ROOMS for one in room.of_type(*OF_ROLE)]


def traces(template: Template, role: str) -> list[object]:
    """What a role may do in X-Ray, as its template says it: a condition around each statement."""
    (policy,) = template.resources[role].properties["Policies"]
    said = policy["PolicyDocument"]["Statement"]
    return [one for one in said if "xray:" in str(one)]


def test_every_function_and_state_machine_follows_the_switch() -> None:
    assert len(running()) == 8
    for template, one in running():
        name = f"{template.path} {one.name}"
        if one.type == "AWS::Lambda::Function":
            assert one.properties["TracingConfig"] == {"Mode": {"Ref": "Tracing"}}, name
        else:
            assert one.properties["TracingConfiguration"] == {"Enabled": {"Fn::If": ["IsTraced", True, False]}}, name
        assert template.parameters["Tracing"]["Default"] == "PassThrough", name
        assert template.document["Conditions"]["IsTraced"] == {"Fn::Equals": [{"Ref": "Tracing"}, "Active"]}, name


def test_every_role_may_trace_on_that_condition_alone() -> None:
    for template, one in running():
        name, actions = OF_ROLE[one.type]
        (said,) = traces(template, target_of(one.properties[name]))
        assert isinstance(said, dict)
        condition, allowed, otherwise = said["Fn::If"]
        assert (condition, otherwise) == ("IsTraced", {"Ref": "AWS::NoValue"}), one.name
        assert set(allowed["Action"]) == actions, one.name
