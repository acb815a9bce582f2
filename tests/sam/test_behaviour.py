"""What a function finds and what becomes of it, through the real SAM CLI: the table of docs/debug.md."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lakelocal import sam
from sam.conftest import started

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).with_name("project")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of SAM's that has nothing of the lake in it."""
    return Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("project") / "project"))


@pytest.fixture(scope="module")
def client(lake: Any, project: Path) -> Iterator[Any]:
    with started(lake, "start-lambda", "--warm-containers", "LAZY", folder=project) as endpoint:
        yield boto3.client(
            "lambda",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="unused",
            aws_secret_access_key="unused",
            config=Config(read_timeout=60, retries={"total_max_attempts": 1}),
        )


def answer(client: Any, function: str, event: Any = None) -> Any:
    payload = client.invoke(FunctionName=function, Payload=json.dumps(event or {}).encode())["Payload"].read()
    return json.loads(payload) if payload else None


def test_it_finds_a_place_and_rights_like_lambdas(client: Any) -> None:
    found = answer(client, "Look", {"a": 1})
    read_only = "Read-only file system"
    assert (found["task"], found["opt"], found["root"], found["tmp"]) == (read_only, read_only, read_only, None)
    assert (found["boto3"], found["pytest"], found["pip"]) == (True, False, False)
    assert (found["event"], found["name"], found["left"], found["keys"]) == ({"a": 1}, "Look", True, [])


def test_layers_lie_on_each_other(client: Any) -> None:
    assert answer(client, "Layered") == {"module": "second", "command": "said by the first layer"}


def test_what_it_raises_is_told_with_its_place(client: Any) -> None:
    told = answer(client, "Raise")
    assert (told["errorType"], told["errorMessage"]) == ("ValueError", "no such flight")
    assert "/var/task/app.py" in told["stackTrace"][0]


def test_one_that_takes_too_long_is_ended(client: Any) -> None:
    told = client.invoke(FunctionName="Sleep", Payload=b"{}")["Payload"].read()
    assert told == b"Task timed out after 1.00 seconds"


def test_a_handler_that_is_missing_is_named(client: Any) -> None:
    assert answer(client, "Missing")["errorMessage"] == "Handler 'nothing' missing on module 'app'"


def test_one_that_takes_too_much_memory_is_ended(client: Any) -> None:
    assert "signal: killed" in answer(client, "Eat")["errorMessage"]


def test_a_line_of_three_megabytes_arrives_whole(client: Any, project: Path) -> None:
    assert answer(client, "Shout") == "said"
    wanted = "ä" * 100_000
    until(lambda: log(project).count("ä") >= 1_500_000)
    assert wanted in log(project)
    assert "\ufffd" not in log(project)


def test_an_event_of_six_megabytes_arrives_whole(client: Any) -> None:
    assert answer(client, "Size", {"text": "x" * 5_900_000}) == 5_900_000


def test_six_calls_at_once_each_get_their_own_answer(client: Any) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda number: answer(client, "Look", {"n": number}), range(6)))
    assert [one["event"]["n"] for one in found] == list(range(6))


def test_variables_come_from_a_file_and_an_event_from_standard_input(lake: Any, project: Path) -> None:
    (project / "env.json").write_text(json.dumps({"Look": {"COLOUR": "blue"}}))
    done = lake.sam("local", "invoke", "Look", "-e", "-", "-n", "env.json", cwd=project, input='{"from": "stdin"}')
    found = json.loads(done.stdout)
    assert (found["colour"], found["event"]) == ("blue", {"from": "stdin"})


def test_nothing_is_left_of_a_function_whose_sam_was_killed(lake: Any, project: Path) -> None:
    before = containers(lake)
    command = [str(sam.environment_folder(lake.root) / "bin/sam"), "local", "invoke", "Sleep"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    template = (project / "template.yaml").read_text()
    (project / "slow.yaml").write_text(template.replace("Timeout: 1}", "Timeout: 60}"))
    with subprocess.Popen([*command, "-t", "slow.yaml"], cwd=project, env=lake.variables, **quiet) as process:  # type: ignore[call-overload]
        until(lambda: containers(lake) - before)
        process.send_signal(signal.SIGKILL)
    until(lambda: not containers(lake) - before)


BAD = {
    "a function's name is misspelt": (("Lok",), 1, "Lok not found"),
    "the runtime is not Python": (("Node",), 1, "Lambda's Python images alone"),
    "a layer is missing": (("Bare",), 1, "layers/nowhere"),
    "the event is no JSON": (("Look", "-e", "bad.json"), 0, "Runtime.UnmarshalError"),
    "the event is not there": (("Look", "-e", "nowhere.json"), 1, "nowhere.json"),
}
"""Case, what is typed, SAM's exit code, what is said. Where SAM ends with 0, its answer carries the error's type."""


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str, lake: Any, project: Path) -> None:
    (project / "bad.json").write_text('{"a": ')
    words, code, says = BAD[case]
    done = lake.sam("local", "invoke", *words, cwd=project, expect=code)
    assert says in done.stdout + done.stderr


def test_a_taken_port_is_named(lake: Any, project: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = lake.sam("local", "invoke", "Look", "-d", port, cwd=project, expect=1)
    assert port in done.stderr


def test_without_the_engine_sam_says_what_it_needs(lake: Any, project: Path) -> None:
    environment = {**lake.variables, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    done = lake.sam("local", "invoke", "Look", cwd=project, env=environment, expect=1)
    assert "container runtime" in done.stderr


def test_the_socket_is_closed_to_others(lake: Any) -> None:
    """Root may become another user, and is turned away as one; nobody else can try."""
    if os.getuid() == 0:
        script = "import os, sys; os.setuid(65534); sys.path.insert(0, sys.argv[1]); from lakelocal import sam; "
        script += "print(sam.answers(sys.argv[2]))"
        place = lake.variables["DOCKER_HOST"].removeprefix("unix://")
        words = ["python3", "-c", script, str(lake.root / "src"), place]
        assert subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip() != "True"
    assert sam.answers(lake.variables["DOCKER_HOST"].removeprefix("unix://"))


def test_the_engine_is_small(lake: Any) -> None:
    facts = json.loads((lake.root / ".lake/engine/engine.json").read_text())
    status = Path(f"/proc/{facts['pid']}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert resident <= 30 * 1024


def test_sam_makes_no_call_that_is_not_recorded(lake: Any, client: Any) -> None:
    """A new version of SAM that asks for more shows here first."""
    answer(client, "Look")
    made = set((lake.root / ".lake/sam-calls").read_text().splitlines())
    recorded = set(Path(__file__).with_name("calls.txt").read_text().splitlines())
    assert made <= recorded


def containers(lake: Any) -> set[str]:
    folder = lake.root / ".lake/engine/containers"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def log(project: Path) -> str:
    return (project / "start-lambda.log").read_text()


def until(happened: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)
