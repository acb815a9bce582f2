"""While a release is deployed its functions stand beside those of the one before: each reads what the other wrote.

One object goes from its notification to the record of its run, and every step is taken by the other release.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.test_handlers import Lake, lake, request  # noqa: F401 - a fixture is found by its name
from lake.core.run import Result, result_to_json
from lake.gateways.objects import S3Objects, address, json_bytes
from lake.handlers import register_dataset

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
BEFORE = sorted((ROOT / "tests/story/releases").glob("*.tar.xz"))[-1]
CALL = """
import importlib, json, sys
import lake
assert lake.__file__.startswith(sys.argv[2]), lake.__file__
answer = importlib.import_module("lake.handlers." + sys.argv[1]).handler(json.load(sys.stdin), None)
print("\\n" + json.dumps(answer))
"""
GOOD: dict[str, Any] = {"batchItemFailures": []}
Release = Callable[[str, dict[str, Any]], Any]


def release(sources: Path) -> Release:
    """Calls a handler of these sources, in a process of its own."""

    def call(handler: str, event: dict[str, Any]) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", CALL, handler, str(sources)],
            input=json.dumps(event),
            env={**os.environ, "PYTHONPATH": str(sources)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return call


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(BEFORE) as archive:
        archive.extractall(folder, filter="data")
    return release(folder / "src")


@pytest.mark.parametrize("newer_first", [False, True], ids=["old-then-new", "new-then-old"])
def test_two_releases_read_each_others_messages(lake: Lake, before: Release, newer_first: bool) -> None:  # noqa: F811
    now = release(ROOT / "src")
    one, other = (now, before) if newer_first else (before, now)
    s3 = lake.client("s3")
    lake.announce()
    asked = request(lake, "", lake.compiled())
    del asked["ResponseURL"]
    assert register_dataset.handler(asked, None)["Status"] == "SUCCESS"
    s3.put_object(Bucket=lake.buckets["raw"], Key="aviation/flights/a.csv", Body=b"day,n\n2013-01-01,1\n2013-01-02,x\n")
    assert one("route", lake.messages(lake.arrivals)) == GOOD
    assert other("stage_a", lake.messages(lake.stage_a)) == GOOD
    assert one("gather", lake.messages(lake.stage_b)) == GOOD
    started = other("gather", {"team": "aviation", "dataset": "flights", "reason": "asked"})
    assert started["run"] == "r00000001", started
    payload = json.loads(
        lake.client("stepfunctions").describe_execution(executionArn=started["execution_arn"])["input"]
    )
    planned = one("plan_run", payload)
    assert planned["work"]
    result = Result("r00000001", "published", rows_published=1)
    S3Objects(s3).write(*address(planned["result"]), json_bytes(result_to_json(result)))
    assert other("record_run", payload)["status"] == "published"
    asked_again = one("gather", {"team": "aviation", "dataset": "flights", "reason": "asked"})
    assert asked_again == {"run": None, "reason": "nothing waits"}
