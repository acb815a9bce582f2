"""One lake for all of SAM's tests, on a local cloud without Spark; nothing takes from its queues."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from clone import REPOSITORY, Lake, copy_of_repository
from lakectl.functions import all_deployed, write_for_sam
from lakectl.target import Target
from lakelocal import cloud, sam

TEAM = "aviation"


@dataclass(frozen=True)
class SamLake(Lake):
    """A lake in which `sam` is typed as well, with these variables."""

    variables: Mapping[str, str]

    def sam(self, *words: str, expect: int | None = 0, **about: Any) -> subprocess.CompletedProcess[str]:
        """Type `sam …`; what came of it."""
        command = [str(sam.environment_folder(REPOSITORY) / "bin/sam"), *words]
        settings: dict[str, Any] = {"cwd": self.root, "env": self.variables, "timeout": 120} | about
        done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
        assert expect is None or done.returncode == expect, f"{' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done

    def begun(self, *words: str) -> subprocess.Popen[str]:
        """Type `lake …`, and do something else meanwhile."""
        return subprocess.Popen(
            [REPOSITORY / ".venv/bin/python", "-m", "lakectl.main", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, name: str, value: Any) -> str:
        """A file of the lake's that holds this as JSON; its path."""
        file = self.root / ".lake" / name
        file.write_text(json.dumps(value))
        return str(file)

    def event(self, path: str) -> Any:
        return json.loads((self.root / "tests/events" / path).read_text())


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamLake]:
    root = copy_of_repository(tmp_path_factory.mktemp("sam"))
    (root / "tests").mkdir()
    (root / "tests/events").symlink_to(REPOSITORY / "tests/events")
    running = cloud.up(root, cold=True)
    try:
        engine = sam.up(root, "3.12", trace=root / ".lake/sam-calls")
        found = SamLake(root, {**os.environ, **sam.exports(root, engine, running)})
        found.command("deploy")
        write_for_sam(root, all_deployed(found.target, TEAM))
        _rest(found.target)
        found.sam("build")
        yield found
    finally:
        sam.down(root)
        cloud.down(root)


@pytest.fixture(scope="session")
def by_sam(lake: SamLake) -> Iterator[Any]:
    """A client of `sam local start-lambda`, which has every function warm."""
    with started(lake, "start-lambda", "--warm-containers", "EAGER") as endpoint:
        yield boto3.client(
            "lambda",
            endpoint_url=endpoint,
            region_name="eu-west-1",
            aws_access_key_id="unused",
            aws_secret_access_key="unused",
            config=Config(read_timeout=60, retries={"total_max_attempts": 1}),
        )


@contextmanager
def started(lake: SamLake, *words: str, folder: Path | None = None) -> Iterator[str]:
    """One of SAM's servers on the lake's project, or another's, from its start to its end; its address."""
    port = free_port()
    log = (folder or lake.root / ".lake") / f"{words[0]}.log"
    command = [str(sam.environment_folder(REPOSITORY) / "bin/sam"), "local", *words, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder or lake.root, env=lake.variables, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 90
        while b"Running on" not in log.read_bytes():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rest(target: Target) -> None:
    """Messages stay on their queues, for the tests to take."""
    client = target.client("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
