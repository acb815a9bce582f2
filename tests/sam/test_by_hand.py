"""A run of stage B walked by hand: each state by itself, the job stopped in, to rows in the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lakectl.opened import opened
from sam.conftest import TEAM, free_port
from sam.dap import Editor

pytestmark = pytest.mark.slow
KEY = "aviation/airlines/by-hand.csv"
JOB, LINE = "src/lake/heavy/job.py", "result = run(session(), plan"


@pytest.fixture(scope="module")
def run(lake: Any) -> Iterator[dict[str, Any]]:
    """A run that gather started and whose execution was stopped at once: nobody else takes its steps."""
    content = (lake.root / "datasets/aviation/airlines/sample/airlines.csv").read_bytes()
    lake.target.client("s3").put_object(Bucket=opened(lake.target).raw, Key=KEY, Body=content)
    lake.command("invoke", "route", KEY)
    lake.command("invoke", "stage-a", KEY)
    lake.command("invoke", "gather", KEY)
    started = json.loads(lake.command("invoke", "gather", "aviation.airlines"))
    lake.target.client("stepfunctions").stop_execution(executionArn=started["execution_arn"])
    yield {"team": TEAM, "dataset": "airlines", "run": started["run"], "attempt": 1}


def test_a_run_is_walked_state_by_state(lake: Any, run: dict[str, Any]) -> None:
    given = lake.write("run.json", run)
    planned = json.loads(lake.command("run-state", "stage-b", "Plan run", "--event", given))["Payload"]
    assert planned["work"]
    stopped_in_the_job(lake, planned)
    variables = lake.write("variables.json", {"run": run})
    ended = json.loads(lake.command("run-state", "stage-b", "Record run", "--event", given, "--variables", variables))
    assert (ended["status"], ended["rows_published"]) == ("published", rows(lake))


def stopped_in_the_job(lake: Any, planned: dict[str, Any]) -> None:
    port, arguments = free_port(), f"--plan {planned['plan']} --result {planned['result']}"
    with lake.begun("run-job", "stage-b", "--args", arguments, "--debug", "--debug-port", str(port)) as process:
        try:
            stop_and_go_on(port, lake)
            printed, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert json.loads(printed.splitlines()[-1])["dataset"] == "aviation/airlines"


def stop_and_go_on(port: int, lake: Any) -> None:
    with Editor(port, lake.root / "src", str(lake.root / "src")) as editor:
        editor.stop_at(lake.root / JOB, LINE)
        thread, frame = editor.stopped()
        assert editor.value("plan.dataset.path", frame) == "'aviation/airlines'"
        editor.go_on(thread)
        editor.leave()


def rows(lake: Any) -> int:
    found = json.loads(lake.command("query", "select count(*) as n from aviation.airlines", "--json"))
    return int(found[0]["n"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run-job", "stage-c", "--args", "--a b"), "no job 'stage-c'"),
        (("run-job", "stage-b", "--args", "plan"), "write '--plan s3://"),
        (("run-state", "stage-c", "x", "--event", "{run}"), "no state machine 'stage-c'"),
        (("run-state", "stage-b", "Plan runn", "--event", "{run}"), "Did you mean 'Plan run'"),
    ],
)
def test_a_wrong_word_is_named(words: tuple[str, ...], says: str, lake: Any, run: dict[str, Any]) -> None:
    file = lake.write("run.json", run)
    with lake.begun(*(word.replace("{run}", file) for word in words)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert says in " ".join(errors.split())
