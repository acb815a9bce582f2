"""SAM on a laptop without Docker, from outside: the engine that it speaks to is started, found and stopped here."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from lakelocal import cloud
from lakelocal.cloud import CloudError
from lakelocal.engine.launch import ENTER
from lakelocal.engine.setting import Setting, read, written

START_SECONDS = 10.0
LONGEST_SOCKET = 100  # the kernel takes 107 bytes
USUAL_DOCKER = "/var/run/docker.sock"


def environment_folder(root: Path) -> Path:
    """The Python environment that holds SAM CLI."""
    return root / ".lake" / "envs" / "sam"


def values_file(root: Path) -> Path:
    """What `sam local … --env-vars` reads: the variables of the deployed functions."""
    return root / ".lake" / "sam" / "env.json"


def functions_file(root: Path) -> Path:
    """What the engine reads: each function's execution role in the local cloud."""
    return root / ".lake" / "sam" / "functions.json"


def up(root: Path, plays: str, *, trace: Path | None = None) -> Setting:
    """Start the engine unless it runs, and return when it answers. `plays`: the version that templates name.

    Raises CloudError.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise CloudError("The engine runs on Linux on x86_64. Elsewhere SAM needs Docker: start it first.")
    setting = _setting(root, plays, trace)
    if running(root) == setting:
        return setting
    down(root)
    folder = Path(setting.state)
    with (folder / "engine.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-s", "-S", "-m", "lakelocal.engine", written(setting)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), "MALLOC_ARENA_MAX": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children.append(process)
    (folder / "engine.json").write_text(json.dumps({"pid": process.pid, "setting": asdict(setting)}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers(setting.socket):
            return setting
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise CloudError(f"The engine did not start: see {folder / 'engine.log'}.")


_children: list[subprocess.Popen[bytes]] = []
"""Engines that this process started: one that ended stays a zombie until it is asked."""


def down(root: Path) -> bool:
    """Stop the engine and every function that runs in it; whether one was running."""
    facts = _facts(root)
    if facts is None or not _is_engine(facts[0]):
        return False
    os.kill(facts[0], signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while _is_engine(facts[0]):
        if time.monotonic() > deadline:
            raise CloudError(f"Process {facts[0]} of the engine does not end: end it by hand and try again.")
        time.sleep(0.02)
    for child in _children:
        if child.pid == facts[0]:
            child.wait(START_SECONDS)
    return True


def running(root: Path) -> Setting | None:
    """The engine of this clone, if it answers."""
    facts = _facts(root)
    return facts[1] if facts and _is_engine(facts[0]) and answers(facts[1].socket) else None


def docker(root: Path) -> str | None:
    """Where a Docker daemon, not our engine, answers; a binary alone is none."""
    named = os.environ.get("DOCKER_HOST", "")
    places = [named.removeprefix("unix://")] if named.startswith("unix://") else []
    ours = _socket(root)
    return next((place for place in [*places, USUAL_DOCKER] if place != ours and answers(place)), None)


def answers(place: str) -> bool:
    """Whether something that speaks Docker's API listens on this socket."""
    connection = http.client.HTTPConnection("localhost", timeout=2)
    try:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(2)
        connection.sock.connect(place)
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def exports(root: Path, setting: Setting, found: cloud.Running | None) -> dict[str, str]:
    """The variables with which `sam` finds the engine and the local cloud."""
    local = cloud.client_environment(found) if found else {}
    return {
        "DOCKER_HOST": f"unix://{setting.socket}",
        "SAM_CLI_TELEMETRY": "0",
        "PATH": f"{environment_folder(root) / 'bin'}:{root / '.venv/bin'}:{os.environ.get('PATH', '')}",
        **local,
    }


def _setting(root: Path, plays: str, trace: Path | None) -> Setting:
    state = root / ".lake" / "engine"
    state.mkdir(parents=True, exist_ok=True)
    runtime = root / ".lake/envs/runtime"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = runtime / f"lib/python{version}/site-packages"
    if not (packages / "awslambdaric").is_dir():
        raise CloudError(f"Lambda's runtime is missing at {packages}: run `make setup`.")
    return Setting(
        socket=_socket(root),
        state=str(state),
        python=os.path.realpath(runtime / "bin/python"),
        version=version,
        plays=tuple(sorted({version, plays})),
        packages=str(packages),
        debugger=str(root / ".lake/debugger"),
        functions=str(functions_file(root)),
        cloud=str(cloud.state_folder(root) / "host.json"),
        trace=str(trace or ""),
        plain=not _namespaces(state),
    )


def _namespaces(state: Path) -> bool:
    """Whether this machine lets us give a process mounts of its own: tried, not guessed."""
    plan = {"root": str(state / "root"), "folder": "/", "command": ["true"], "binds": [], "links": [], "hidden": []}
    command = [sys.executable, "-I", "-S", str(ENTER), json.dumps(plan), "1"]
    done = subprocess.run(command, capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})
    return done.returncode == 0 and not done.stdout


def _socket(root: Path) -> str:
    """In the clone, or, where its path is too long for a socket, in a folder of the user's own."""
    inside = str(root / ".lake/engine/docker.sock")
    if len(inside.encode()) <= LONGEST_SOCKET:
        return inside
    base = os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/lake-{os.getuid()}"
    return f"{base}/{hashlib.sha256(str(root).encode()).hexdigest()[:12]}/docker.sock"


def _facts(root: Path) -> tuple[int, Setting] | None:
    try:
        facts = json.loads((root / ".lake/engine/engine.json").read_text())
        return int(facts["pid"]), read(json.dumps(facts["setting"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _is_engine(pid: int) -> bool:
    """Whether this process lives and is an engine: numbers of processes are used again."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
    return b"lakelocal.engine" in words and not ended
