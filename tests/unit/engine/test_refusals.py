"""What the engine refuses, it refuses at once and by name: SAM would otherwise wait, and end as if all were well."""

from __future__ import annotations

import http.client
import io
import json
import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lakelocal.engine.__main__ import Server
from lakelocal.engine.api import Engine
from lakelocal.engine.setting import Setting

BASE = "public.ecr.aws/lambda/python:3.12-x86_64"


class Client:
    """Speaks to an engine as SAM does, over its socket."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("localhost", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self._path)
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        try:
            connection.request(verb, f"/v1.44{path}", body=data)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text.splitlines()[-1]) if text else None


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Client]:
    found = Engine(
        Setting(
            socket=str(tmp_path / "own" / "docker.sock"),
            state=str(tmp_path / "state"),
            python="/usr/bin/python3",
            version="3.11",
            plays=("3.11", "3.12"),
            packages=str(tmp_path),
            debugger=str(tmp_path / "debugger"),
            functions=str(tmp_path / "functions.json"),
            cloud=str(tmp_path / "host.json"),
        )
    )
    with Server(found) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Client(found.setting.socket)
        found.stop()
        server.shutdown()
        thread.join()


def context(dockerfile: str, **files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in {"Dockerfile": dockerfile.encode(), **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def emulator(engine: Client) -> str:
    """An image with a runtime emulator that is none."""
    lines = f"FROM {BASE}\nADD rie /var/rapid/\nRUN mv /var/rapid/rie /var/rapid/aws-lambda-rie"
    lines += " && chmod +x /var/rapid/aws-lambda-rie\n"
    engine("POST", "/build?t=rapid:1", context(lines, rie=b"#!/bin/sh\n"))
    return "rapid:1"


def test_the_socket_is_its_owners_alone(engine: Client, tmp_path: Path) -> None:
    place = tmp_path / "own/docker.sock"
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_it_answers_a_ping(engine: Client) -> None:
    assert engine("GET", "/_ping") == (200, "OK")


def test_an_unknown_call_is_refused_by_its_path(engine: Client) -> None:
    status, told = engine("POST", "/swarm/init")
    assert status == 501
    assert "POST /swarm/init" in told["message"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nginx:latest", "Lambda's Python images alone"),
        ("public.ecr.aws/lambda/nodejs:20-x86_64", "Lambda's Python images alone"),
        ("public.ecr.aws/lambda/python:3.12-arm64", "Architectures: [x86_64]"),
        ("public.ecr.aws/lambda/python:3.13-x86_64", "make PYTHON=python3.13 setup"),
    ],
)
def test_an_image_that_cannot_run_here_is_refused_with_the_next_step(engine: Client, name: str, words: str) -> None:
    base, _, tag = name.partition(":")
    status, told = engine("POST", f"/images/create?fromImage={base}&tag={tag}")
    assert status == 404
    assert words in told["message"]


@pytest.mark.parametrize(
    "line",
    ["RUN pip install requests", "COPY a /b", "ADD rie /../../outside", "RUN mv /a /b && chmod +x /c", "USER root"],
)
def test_a_line_that_sam_does_not_write_is_refused(engine: Client, line: str) -> None:
    status, told = engine("POST", "/build?t=mine:1", context(f"FROM {BASE}\n{line}\n", rie=b"x"))
    assert status == 200  # Docker tells a build's failure in its stream
    assert told["error"]
    assert engine("GET", "/images/mine:1/json")[0] == 404


def test_a_build_context_that_leaves_its_folder_is_refused(engine: Client) -> None:
    _, told = engine("POST", "/build?t=mine:1", context(f"FROM {BASE}\n", **{"../outside": b"x"}))
    assert "lies outside" in told["error"]


def test_an_image_is_kept_and_its_base_is_never_newer_elsewhere(engine: Client) -> None:
    emulator(engine)
    _, image = engine("GET", f"/images/{BASE}/json")
    _, remote = engine("GET", f"/distribution/{BASE}/json")
    assert image["RepoDigests"] == [f"public.ecr.aws/lambda/python@{remote['Descriptor']['digest']}"]
    assert engine("GET", "/images/rapid:1/json")[0] == 200


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ({"Binds": ["/nowhere/at/all:/var/task:ro"]}, "/nowhere/at/all"),
        ({"PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "TAKEN"}]}}, "is taken"),
    ],
)
def test_what_cannot_start_is_said_when_it_is_started(engine: Client, host: dict[str, Any], words: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        host = json.loads(json.dumps(host).replace("TAKEN", str(other.getsockname()[1])))
        spec = {"Image": emulator(engine), "Entrypoint": ["/var/rapid/aws-lambda-rie"], "HostConfig": host}
        status, told = engine("POST", "/containers/create", spec)
        if status == 201:
            status, told = engine("POST", f"/containers/{told['Id']}/start")
    assert status == 500
    assert words in told["message"]


def test_a_function_of_the_lake_never_runs_with_other_keys_than_its_roles(engine: Client, tmp_path: Path) -> None:
    (tmp_path / "functions.json").write_text(json.dumps({"Route": {"role": "arn:aws:iam::1:role/route"}}))
    spec = {"Image": emulator(engine), "Entrypoint": ["/var/rapid/aws-lambda-rie"], "HostConfig": {}}
    spec["Env"] = ["AWS_LAMBDA_FUNCTION_NAME=Route", "AWS_ACCESS_KEY_ID=mine"]
    _, made = engine("POST", "/containers/create", spec)
    status, told = engine("POST", f"/containers/{made['Id']}/start")
    assert (status, told["message"]) == (500, "Route acts on the local cloud, which does not answer: lake local up")
