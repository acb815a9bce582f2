"""The handlers, wired to the local cloud: one object from its notification to the plan of its run."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest

from contract.conftest import KEYS, local_client, versioned_bucket
from lake.core.run import Result, plan_from_json, result_to_json
from lake.gateways.objects import S3Objects, address, json_bytes, read_json
from lake.handlers import gather, plan_run, record_run, register_dataset, route, setting, stage_a
from lakelocal import cloud
from unit.example import compiled

pytestmark = pytest.mark.slow
WIRED = (route, stage_a, gather, plan_run, record_run, register_dataset)


class Lake:
    """The room that the templates would make, without their permissions."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client
        self.name = uuid4().hex[:8]
        self.arrivals, self.stage_a, self.stage_b = (self.queue(one) for one in ("arrivals", "stage-a", "stage-b"))
        self.buckets = {
            one: versioned_bucket(client("s3"), f"{self.name}-{one}")
            for one in ("raw", "stage", "analytics", "artifacts", "results")
        }
        for table in ("ledger", "registry"):
            client("dynamodb").create_table(TableName=f"{self.name}-{table}", **KEYS)
        self.database = f"lake_{self.name}"
        client("glue").create_database(DatabaseInput={"Name": self.database})
        output = {"OutputLocation": f"s3://{self.buckets['results']}/"}
        group = {"ResultConfiguration": output, "EnforceWorkGroupConfiguration": True}
        client("athena").create_work_group(Name=self.name, Configuration=group)
        self.machine = self.state_machine()
        self.bus = str(client("events").create_event_bus(Name=self.name)["EventBusArn"])

    def queue(self, name: str) -> str:
        return str(self.client("sqs").create_queue(QueueName=f"{self.name}-{name}")["QueueUrl"])

    def announce(self) -> None:
        """Raw tells the arrivals queue."""
        sqs = self.client("sqs")
        arn = sqs.get_queue_attributes(QueueUrl=self.arrivals, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]})
        sqs.set_queue_attributes(QueueUrl=self.arrivals, Attributes={"Policy": policy})
        told = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
        self.client("s3").put_bucket_notification_configuration(
            Bucket=self.buckets["raw"], NotificationConfiguration={"QueueConfigurations": [told]}
        )

    def state_machine(self) -> str:
        trusted = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
        role = self.client("iam").create_role(RoleName=f"{self.name}-states", AssumeRolePolicyDocument=policy)
        body = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
        made = self.client("stepfunctions").create_state_machine(
            name=f"{self.name}-stage-b", definition=json.dumps(body), roleArn=role["Role"]["Arn"]
        )
        return str(made["stateMachineArn"])

    def variables(self) -> dict[str, str]:
        return {
            "LAKE_TEAM": "aviation",
            "LAKE_LEDGER_TABLE": f"{self.name}-ledger",
            "LAKE_REGISTRY_TABLE": f"{self.name}-registry",
            "LAKE_RAW_BUCKET": self.buckets["raw"],
            "LAKE_STAGE_BUCKET": self.buckets["stage"],
            "LAKE_ARRIVALS_QUEUE_URL": self.arrivals,
            "LAKE_STAGE_B_QUEUE_URL": self.stage_b,
            "LAKE_EVENT_BUS": self.bus,
            "LAKE_METRICS": f"Lakewright/{self.name}",
            "LAKE_STATE_MACHINE_ARN": self.machine,
            "LAKE_LEAST_WORKERS": "2",
            "LAKE_MOST_WORKERS": "4",
            "LAKE_LARGEST_OBJECT": "2000000",
            "LAKE_LARGE_MACHINE_ARN": self.machine,
        }

    def compiled(self, **changes: Any) -> dict[str, Any]:
        table = {
            "database": self.database,
            "name": "flights",
            "location": f"s3://{self.buckets['analytics']}/aviation/flights/",
            "mode": "append",
            "columns": [
                {"name": "day", "type": "date", "description": "It's a day"},
                {"name": "n", "type": "int", "description": "A number"},
            ],
            "partition": ["month(day)"],
        } | changes
        columns = [{"name": "day", "type": "date"}, {"name": "n", "type": "int"}]
        return compiled(table=table, schema=columns, staged=columns, batch_objects=100)

    def messages(self, url: str) -> dict[str, Any]:
        """The event that Lambda would make of what is on a queue; a message is deleted as soon as it is taken."""
        records = []
        for _ in range(20):
            got = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            for one in got.get("Messages", []):
                records.append({"messageId": one["MessageId"], "body": one["Body"]})
                self.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return {"Records": records}


@pytest.fixture
def lake(running_cloud: cloud.Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    found = Lake(lambda service: local_client(service, running_cloud))
    for name, value in (cloud.client_environment(running_cloud) | found.variables()).items():
        monkeypatch.setenv(name, value)
    yield found
    for module in WIRED:
        module.wired.cache_clear()
    setting.client.cache_clear()


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """CloudFormation's ear: a URL, and what was put there."""
    heard: list[dict[str, Any]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join()


def request(lake: Lake, url: str, entry: dict[str, Any], kind: str = "Create") -> dict[str, Any]:
    key = f"datasets/aviation/flights/{entry['digest']}.json"
    lake.client("s3").put_object(Bucket=lake.buckets["artifacts"], Key=key, Body=json_bytes(entry))
    asked = {"Team": "aviation", "Dataset": "flights", "Digest": entry["digest"], "WorkGroup": lake.name}
    asked |= {"Compiled": f"s3://{lake.buckets['artifacts']}/{key}", "QueueUrl": lake.stage_a}
    ids = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Registration"}
    return {"RequestType": kind, "ResponseURL": url, "ResourceProperties": asked, **ids}


def test_an_object_goes_from_its_notification_to_the_record_of_its_run(
    lake: Lake, answers: tuple[str, list[dict[str, Any]]]
):
    url, heard = answers
    s3 = lake.client("s3")
    lake.announce()
    s3.put_object(
        Bucket=lake.buckets["raw"], Key="aviation/flights/a b+c.csv", Body=b"day,n\n2013-01-01,1\n2013-01-02,x\n"
    )
    assert route.handler(lake.messages(lake.arrivals), None) == {"batchItemFailures": []}
    assert lake.messages(lake.stage_a) == {"Records": []}
    register_dataset.handler(request(lake, url, lake.compiled()), None)
    assert [(one["Status"], one["PhysicalResourceId"], one.get("Reason")) for one in heard] == [
        ("SUCCESS", "aviation/flights", None)
    ]
    assert route.handler(lake.messages(lake.arrivals), None) == {"batchItemFailures": []}
    assert stage_a.handler(lake.messages(lake.stage_a), None) == {"batchItemFailures": []}
    assert gather.handler(lake.messages(lake.stage_b), None) == {"batchItemFailures": []}
    started = gather.handler({"team": "aviation", "dataset": "flights", "reason": "asked"}, None)
    assert started["run"] == "r00000001"
    description = lake.client("stepfunctions").describe_execution(executionArn=started["execution_arn"])
    assert description["status"] == "RUNNING"
    asked_again = gather.handler({"team": "aviation", "dataset": "flights", "reason": "asked"}, None)
    assert asked_again == {"run": None, "reason": "run r00000001 is active"}
    payload = json.loads(description["input"])
    planned = plan_run.handler(payload, None)
    assert planned["work"]
    objects = S3Objects(s3)
    plan = plan_from_json(read_json(objects, *address(planned["plan"])))
    assert (len(plan.staged), len(plan.rejected), plan.left_out, plan.removed) == (1, 1, (), ())
    result = Result("r00000001", "published", rows_published=1)
    objects.write(*address(planned["result"]), json_bytes(result_to_json(result)))
    assert record_run.handler(payload, None)["status"] == "published"
    assert gather.handler({"detail-type": "Scheduled Event"}, None) == {
        "aviation/flights": {"run": None, "reason": "nothing waits"}
    }


def test_who_asks_for_a_registration_without_a_place_for_the_answer_has_it_from_the_call(lake: Lake):
    asked = request(lake, "", lake.compiled())
    del asked["ResponseURL"]
    assert register_dataset.handler(asked, None)["Status"] == "SUCCESS"
    refused = register_dataset.handler({**asked, "ResourceProperties": {"Team": "aviation"}}, None)
    assert refused["Status"] == "FAILED"
    assert "The registration lacks Dataset" in refused["Reason"]


def test_a_registered_table_stands_as_declared_and_evolves(lake: Lake, answers: tuple[str, list[dict[str, Any]]]):
    url, heard = answers
    register_dataset.handler(request(lake, url, lake.compiled()), None)
    wider = [
        {"name": "day", "type": "date", "description": "It's a day"},
        {"name": "n", "type": "bigint", "description": "A greater number"},
        {"name": "x", "type": "double", "description": "New"},
    ]
    register_dataset.handler(request(lake, url, lake.compiled(columns=wider), "Update"), None)
    assert [one.get("Reason") for one in heard] == [None, None]
    tables = register_dataset.wired().tables
    table = tables.find(lake.database, "flights")
    assert table is not None
    assert [(column.name, column.type) for column in table.columns if column.name in ("day", "n", "x")] == [
        ("day", "date"),
        ("n", "bigint"),
        ("x", "double"),
    ]
    assert table.partition == ("month(day)",)
    assert [column.description for column in table.columns if column.name == "n"] == ["A greater number"]
    quarantine = tables.find(lake.database, "flights_quarantine")
    assert quarantine is not None
    assert quarantine.partition == ("run_id",)
    register_dataset.handler(request(lake, url, lake.compiled(columns=wider), "Update"), None)
    register_dataset.handler(request(lake, url, lake.compiled(), "Update"), None)
    assert [one.get("Reason") for one in heard] == [None, None, None, None]
    narrower = lake.compiled(columns=[wider[0]])
    register_dataset.handler(request(lake, url, narrower, "Update"), None)
    assert heard[-1]["Status"] == "FAILED"
    assert "is in the table and not in the declaration" in heard[-1]["Reason"]
    register_dataset.handler(request(lake, url, lake.compiled(), "Delete"), None)
    assert heard[-1]["Status"] == "SUCCESS"
    assert tables.find(lake.database, "flights") is not None


def test_a_registration_always_answers(lake: Lake, answers: tuple[str, list[dict[str, Any]]]):
    url, heard = answers
    broken = request(lake, url, lake.compiled())
    broken["ResourceProperties"]["Compiled"] = f"s3://{lake.buckets['artifacts']}/nowhere.json"
    register_dataset.handler(broken, None)
    del broken["ResourceProperties"]["Digest"]
    register_dataset.handler(broken, None)
    assert [one["Status"] for one in heard] == ["FAILED", "FAILED"]
    assert "nowhere.json does not exist" in heard[0]["Reason"]
    assert "lacks Digest" in heard[1]["Reason"]
