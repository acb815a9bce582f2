"""Tracing: Lambda takes a traced function only with a role that may trace, Step Functions takes every role."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.arrange import LOGS, function, grant, role, unique
from local.test_service_policies import failed_stack

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
LAMBDA, ACTIVE = "lambda.amazonaws.com", {"Mode": "Active"}
REFUSED = "The provided execution role does not have permissions to call PutTraceSegments on XRAY"
MAY_TRACE = {"Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}


def test_a_traced_function_needs_a_role_that_may_trace(client: Client) -> None:
    with pytest.raises(ClientError, match=REFUSED):
        function(client, "", TracingConfig=ACTIVE)
    arn = role(client("iam"), LAMBDA, allow=[LOGS, MAY_TRACE])
    name = function(client, "", arn, TracingConfig=ACTIVE)
    assert client("lambda").get_function_configuration(FunctionName=name)["TracingConfig"] == ACTIVE


def test_a_function_is_traced_later_only_by_a_role_that_may(client: Client) -> None:
    arn = role(client("iam"), LAMBDA, allow=[LOGS])
    name = function(client, "", arn)
    with pytest.raises(ClientError, match=REFUSED):
        client("lambda").update_function_configuration(FunctionName=name, TracingConfig=ACTIVE)
    grant(client("iam"), arn, [LOGS, MAY_TRACE])
    client("lambda").update_function_configuration(FunctionName=name, TracingConfig=ACTIVE)
    other = role(client("iam"), LAMBDA, allow=[LOGS])
    with pytest.raises(ClientError, match=REFUSED):
        client("lambda").update_function_configuration(FunctionName=name, Role=other)


def test_a_stack_whose_traced_function_may_not_trace_fails(client: Client) -> None:
    properties = {
        "Role": role(client("iam"), LAMBDA, allow=[LOGS]),
        "Handler": "app.handler",
        "Code": {"ZipFile": ""},
        "TracingConfig": ACTIVE,
    }
    assert REFUSED in failed_stack(client, {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}})


def test_a_traced_state_machine_takes_a_role_that_may_not_trace(client: Client) -> None:
    made = client("stepfunctions").create_state_machine(
        name=unique("machine"),
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn=role(client("iam"), "states.amazonaws.com"),
        tracingConfiguration={"enabled": True},
    )
    assert made["stateMachineArn"]
