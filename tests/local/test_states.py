"""State machines act as their own role."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.arrange import function, role, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


def machine(client: Client, task: dict[str, Any], *allow: dict[str, Any], **top: Any) -> str:
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Task", "End": True, **task}}, **top}
    arn = role(client("iam"), "states.amazonaws.com", allow=list(allow))
    answer = client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=arn
    )
    return str(answer["stateMachineArn"])


def outcome(client: Client, machine_arn: str, event: object = None) -> dict[str, Any]:
    states = client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine_arn, input=json.dumps(event or {}))

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution["executionArn"])
        return found if found["status"] in ENDED else None

    return dict(until(ended))


INVOKE = "arn:aws:states:::lambda:invoke"


def invoking(name: str) -> dict[str, Any]:
    return {"Resource": INVOKE, "Parameters": {"FunctionName": name, "Payload.$": "$"}}


def test_a_task_without_permission_to_invoke_fails_as_on_aws(client: Client) -> None:
    name = function(client, "def handler(e, c): return 'ok'")
    arn = client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    may = machine(client, invoking(arn), {"Action": "lambda:InvokeFunction", "Resource": arn})
    assert outcome(client, may)["status"] == "SUCCEEDED"
    found = outcome(client, machine(client, invoking(arn)))
    assert (found["status"], found["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert "not authorized to perform: lambda:InvokeFunction" in found["cause"]


def test_permission_for_one_alias_is_not_permission_for_the_function(client: Client) -> None:
    name = function(client, "def handler(e, c): return 'ok'")
    arn = client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    only_alias = {"Action": "lambda:InvokeFunction", "Resource": f"{arn}:live"}
    assert outcome(client, machine(client, invoking(arn), only_alias))["status"] == "FAILED"


def test_a_functions_error_type_reaches_a_catch_by_name(client: Client) -> None:
    name = function(client, "class NotReady(Exception): pass\ndef handler(e, c): raise NotReady('later')")
    allow = {"Action": "lambda:InvokeFunction", "Resource": "*"}
    caught = {**invoking(name), "Catch": [{"ErrorEquals": ["NotReady"], "Next": "Later"}], "Next": "Later"}
    del (task := {"Type": "Task", **caught})["Type"]
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Task", **task}, "Later": {"Type": "Succeed"}}}
    arn = role(client("iam"), "states.amazonaws.com", allow=[allow])
    made = client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=arn
    )
    found = outcome(client, made["stateMachineArn"])
    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["Error"] == "NotReady"


def test_a_machine_that_logs_needs_a_role_that_may_deliver_logs(client: Client) -> None:
    client("logs").create_log_group(logGroupName=(group := unique("/machines")))
    found = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": found}}
    asked = {
        "definition": json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        "loggingConfiguration": {"level": "ERROR", "destinations": [destination]},
    }
    may_some = role(client("iam"), "states.amazonaws.com", allow=[{"Action": "logs:*Delivery", "Resource": "*"}])
    may_all = role(client("iam"), "states.amazonaws.com", allow=[{"Action": "logs:*", "Resource": "*"}])
    states, name = client("stepfunctions"), unique("machine")
    with pytest.raises(ClientError, match=r"not authorized to access the Log Destination.*logs:ListLogDeliveries"):
        states.create_state_machine(name=name, roleArn=may_some, **asked)
    made = states.create_state_machine(name=name, roleArn=may_all, **asked)["stateMachineArn"]
    with pytest.raises(ClientError, match="not authorized to access the Log Destination"):
        states.update_state_machine(stateMachineArn=made, roleArn=may_some)


@pytest.mark.parametrize(
    ("resource", "parameters", "action", "error"),
    [
        (
            "arn:aws:states:::aws-sdk:dynamodb:getItem",
            {"TableName": "t", "Key": {"pk": {"S": "a"}}},
            "dynamodb:GetItem",
            "DynamoDb.DynamoDbException",
        ),
        (
            "arn:aws:states:::dynamodb:getItem",
            {"TableName": "t", "Key": {"pk": {"S": "a"}}},
            "dynamodb:GetItem",
            "DynamoDB.AmazonDynamoDBException",
        ),
        (
            "arn:aws:states:::aws-sdk:s3:headObject",
            {"Bucket": "no-such", "Key": "k"},
            "s3:GetObject",
            "S3.S3Exception",
        ),
        (
            "arn:aws:states:::sqs:sendMessage",
            {"QueueUrl": "http://127.0.0.1/000000000000/q", "MessageBody": "m"},
            "sqs:SendMessage",
            "SQS.AmazonSQSException",
        ),
        ("arn:aws:states:::glue:startJobRun.sync", {"JobName": "j"}, "glue:StartJobRun", "Glue.AccessDeniedException"),
    ],
)
def test_every_kind_of_task_is_denied_without_permission(
    client: Client, resource: str, parameters: dict[str, Any], action: str, error: str
) -> None:
    found = outcome(client, machine(client, {"Resource": resource, "Parameters": parameters}))
    assert (found["status"], found["error"]) == ("FAILED", error)
    if not resource.endswith("headObject"):  # a HEAD answer has no body
        assert action in found["cause"]


def test_an_allowed_sdk_task_reads_the_table(client: Client) -> None:
    table = unique("table")
    client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "a"}, "n": {"N": "1"}})
    task = {
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem",
        "Parameters": {"TableName": table, "Key": {"pk": {"S": "a"}}},
    }
    allow = {"Action": "dynamodb:GetItem", "Resource": f"arn:aws:dynamodb:*:*:table/{table}"}
    found = outcome(client, machine(client, task, allow))
    assert json.loads(found["output"])["Item"]["n"]["N"] == "1"


def test_a_missing_job_fails_by_glues_own_name(client: Client) -> None:
    task = {"Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "none"}}
    found = outcome(client, machine(client, task, {"Action": "glue:*", "Resource": "*"}))
    assert found["error"] == "Glue.EntityNotFoundException"


def test_a_machine_ends_after_its_own_timeout(client: Client) -> None:
    waiting = {"Type": "Wait", "Seconds": 60, "End": True}
    definition = {"TimeoutSeconds": 1, "StartAt": "Wait", "States": {"Wait": waiting}}
    arn = role(client("iam"), "states.amazonaws.com")
    made = client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=arn
    )
    assert outcome(client, made["stateMachineArn"])["status"] == "TIMED_OUT"


def test_starting_again_by_the_same_name_changes_nothing(client: Client) -> None:
    waiting = {"Type": "Wait", "Seconds": 3, "End": True}
    arn = role(client("iam"), "states.amazonaws.com")
    made = client("stepfunctions").create_state_machine(
        name=unique("machine"),
        definition=json.dumps({"StartAt": "Wait", "States": {"Wait": waiting}}),
        roleArn=arn,
    )["stateMachineArn"]
    states = client("stepfunctions")
    first = states.start_execution(stateMachineArn=made, name="run-1", input="{}")
    assert (
        states.start_execution(stateMachineArn=made, name="run-1", input="{}")["executionArn"] == first["executionArn"]
    )
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        states.start_execution(stateMachineArn=made, name="run-1", input='{"other": 1}')
    with pytest.raises(ClientError, match="InvalidName"):
        states.start_execution(stateMachineArn=made, name="run 1")


def test_a_role_that_does_not_trust_step_functions_is_refused(client: Client) -> None:
    arn = role(client("iam"), "lambda.amazonaws.com")
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    with pytest.raises(ClientError, match="assume the provided role"):
        client("stepfunctions").create_state_machine(
            name=unique("machine"), definition=json.dumps(definition), roleArn=arn
        )


def test_a_jsonata_machine_catches_a_denied_job_run(client: Client) -> None:
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Arguments": {"JobName": "{% $states.input.job %}", "Arguments": {"--plan": "{% $states.input.plan %}"}},
        "Catch": [
            {
                "ErrorEquals": ["States.ALL"],
                "Output": {"error": "{% $states.errorOutput.Error %}", "job": "{% $states.input.job %}"},
                "Next": "Recorded",
            }
        ],
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Run", "States": {"Run": run, "Recorded": {"Type": "Succeed"}}}
    made = client("stepfunctions").create_state_machine(
        name=unique("machine"),
        definition=json.dumps(definition),
        roleArn=role(client("iam"), "states.amazonaws.com"),
    )
    found = outcome(client, made["stateMachineArn"], {"job": "heavy", "plan": "s3://b/plan.json"})
    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"]) == {"error": "Glue.AccessDeniedException", "job": "heavy"}
