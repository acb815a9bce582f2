"""How long somebody waits who debugs: `lake invoke` as typed, and a warm call through `sam local start-lambda`."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from bench.budget import Result
from bench.lakes import READINGS, ROOT, deployed
from lakelocal import sam

EVENT = ROOT / "tests/events/route/one-object.json"
PROJECT = ROOT / "tests/sam/project"
FUNCTION = "Look"
CALLS_A_ROUND = 20
PATIENCE = 60.0


def measured(folder: Path, rounds: int) -> list[Result]:
    with deployed(folder / "invoke", {"readings": READINGS.format(name="readings")}) as target:
        _typed(target.root)  # Python keeps its bytecode from now on
        typed = [_typed(target.root) for _ in range(rounds)]
        results = [Result("invoke", round(median(typed), 2), {"rounds": rounds, "fastest_s": round(min(typed), 2)})]
        if sam.docker(target.root) or not (sam.environment_folder(ROOT) / "bin/sam").exists():
            return results  # Docker serves SAM here, or `make sam` was never asked for
        with _warm(target.root, Path(shutil.copytree(PROJECT, target.root / "project"))) as client:
            calls = [_call(client) for _ in range(rounds * CALLS_A_ROUND)]
        return [*results, Result("sam-warm", round(1000 * median(calls), 1), {"calls": len(calls)})]


def _typed(root: Path) -> float:
    words = [str(ROOT / ".venv/bin/lake"), "invoke", "route", "--event", str(EVENT)]
    shell = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run(words, cwd=root, env=shell, check=True, capture_output=True)
    return time.perf_counter() - began


@contextmanager
def _warm(root: Path, project: Path) -> Iterator[Any]:
    """A client of `sam local start-lambda` on a project that has nothing of the lake in it, called once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    engine = sam.up(root, "3.12")
    words = [str(sam.environment_folder(ROOT) / "bin/sam"), "local", "start-lambda", "--port", str(port)]
    words += ["--warm-containers", "LAZY"]
    environment = {**os.environ, **sam.exports(root, engine, None)}
    with (project / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=project, env=environment, stdout=log, stderr=log)
    try:
        _until_it_listens(project / "log", process)
        client = boto3.client(
            "lambda",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            config=Config(signature_version=UNSIGNED, read_timeout=60, retries={"total_max_attempts": 1}),
        )
        _call(client)
        yield client
    finally:
        process.terminate()
        process.wait(30)
        sam.down(root)


def _until_it_listens(log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while b"Running on" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.1)


def _call(client: Any) -> float:
    began = time.perf_counter()
    answer = client.invoke(FunctionName=FUNCTION, Payload=b"{}")
    json.loads(answer["Payload"].read())
    return time.perf_counter() - began
