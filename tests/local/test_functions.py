"""Lambda in the local cloud: what a function sees, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import function, make_bucket, package, role, unique

pytestmark = pytest.mark.slow
Client = Callable[..., Any]


def invoke(client: Client, name: str, event: object = None) -> tuple[dict[str, Any], Any]:
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
    return answer, json.loads(answer["Payload"].read())


def test_a_function_sees_its_runtime_and_nothing_of_the_host(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
import importlib.util, os, sys
def handler(event, context):
    found = [name for name in ("duckdb", "pyarrow", "ministack", "lakelocal", "lake", "boto3")
             if importlib.util.find_spec(name)]
    return {"found": found, "environ": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}
"""
    _, seen = invoke(client, function(client, source, Environment={"Variables": {"ZONE": "raw"}}))
    assert seen["found"] == ["boto3"]
    assert seen["environ"]["ZONE"] == "raw"
    assert seen["environ"]["AWS_REGION"] == cloud.REGION
    assert "HOME" not in seen["environ"]
    assert "PYTHONPATH" not in seen["environ"]
    assert not [name for name in seen["environ"] if name.startswith(("MINISTACK", "LAKE_", "S3_"))]
    assert seen["cwd"] == seen["environ"]["LAMBDA_TASK_ROOT"] == seen["path"][0]


def test_the_error_type_is_the_class_that_was_raised(client: Client) -> None:
    source = """
class NoSuchDataset(Exception): pass
def deeper(): raise NoSuchDataset("aviation/flights")
def handler(event, context): deeper()
"""
    answer, body = invoke(client, function(client, source))
    assert answer["FunctionError"] == "Unhandled"
    assert body["errorType"] == "NoSuchDataset"
    assert body["errorMessage"] == "aviation/flights"
    assert "deeper" in body["stackTrace"][-1]
    assert body["requestId"]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import not_there\ndef handler(e, c): pass", "Runtime.ImportModuleError"),
        ("def other(e, c): pass", "Runtime.HandlerNotFound"),
        ("def handler(e, c): return {1, 2}", "Runtime.MarshalError"),
        ("import os\ndef handler(e, c): os._exit(7)", "Runtime.ExitError"),
        ("raise KeyError('x')", "KeyError"),
    ],
)
def test_failures_carry_lambdas_own_names(client: Client, source: str, kind: str) -> None:
    answer, body = invoke(client, function(client, source))
    assert (answer.get("FunctionError"), body["errorType"]) == ("Unhandled", kind)


def test_a_function_that_outlives_its_timeout_is_ended_and_the_next_call_works(client: Client) -> None:
    source = "import time\ndef handler(e, c):\n    time.sleep(e.get('seconds', 0))\n    return 'done'"
    name = function(client, source, Timeout=1)
    _, body = invoke(client, name, {"seconds": 30})
    assert body["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in body["errorMessage"]
    assert invoke(client, name)[1] == "done"


def test_a_killed_sandbox_is_replaced(client: Client) -> None:
    source = "import os, signal\ndef handler(e, c):\n    e.get('die') and os.kill(os.getpid(), 9)\n    return 1"
    name = function(client, source)
    assert invoke(client, name, {"die": True})[1]["errorType"] == "Runtime.ExitError"
    assert invoke(client, name)[1] == 1


def test_an_exception_leaves_the_sandbox_warm(client: Client) -> None:
    source = (
        "import os\ndef handler(e, c):\n    if e.get('fail'): raise ValueError(os.getpid())\n    return os.getpid()"
    )
    name = function(client, source)
    first = invoke(client, name)[1]
    assert invoke(client, name, {"fail": True})[1]["errorMessage"] == str(first)
    assert invoke(client, name)[1] == first


def test_what_a_function_prints_is_in_its_log_when_the_call_returns(client: Client) -> None:
    source = """
import logging
logging.getLogger().setLevel("INFO")
def handler(event, context):
    print("printed"); logging.getLogger(__name__).info("logged %s", 1)
"""
    name = function(client, source)
    invoke(client, name)
    events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    lines = [event["message"] for event in events]
    assert any("printed" in line for line in lines)
    assert any("[INFO]" in line and "logged 1" in line for line in lines)


def test_a_layer_is_on_the_path_and_the_package_is_read_only(client: Client) -> None:
    layer = client("lambda").publish_layer_version(
        LayerName=unique("layer"), Content={"ZipFile": package("", python__shared="VALUE = 'from the layer'")}
    )
    source = """
import os, shared
def handler(event, context):
    return {"value": shared.VALUE, "mode": oct(os.stat(os.environ["LAMBDA_TASK_ROOT"]).st_mode & 0o777)}
"""
    _, body = invoke(client, function(client, source, Layers=[layer["LayerVersionArn"]]))
    assert body == {"value": "from the layer", "mode": "0o555"}


def test_a_role_without_get_object_is_denied(client: Client) -> None:
    bucket = unique("bucket")
    make_bucket(client("s3"), bucket)
    client("s3").put_object(Bucket=bucket, Key="k", Body=b"secret")
    source = f"""
import boto3
def handler(event, context):
    return boto3.client("s3").get_object(Bucket="{bucket}", Key="k")["Body"].read().decode()
"""
    may = role(
        client("iam"),
        "lambda.amazonaws.com",
        allow=[{"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}],
    )
    assert invoke(client, function(client, source, may))[1] == "secret"
    _, body = invoke(client, function(client, source))
    assert "AccessDenied" in body["errorMessage"]


def test_another_python_is_refused_by_name(client: Client) -> None:
    with pytest.raises(ClientError, match=r"Runtime python3\.8 cannot run here"):
        function(client, "", Runtime="python3.8")


def test_a_role_that_does_not_trust_lambda_is_refused(client: Client) -> None:
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        function(client, "", role(client("iam"), "glue.amazonaws.com"))
