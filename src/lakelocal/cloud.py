"""The local cloud from outside: start it, find it, stop it, forget it.

The host runs in an environment of its own, so nothing here imports MiniStack.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
SECRET = "test"  # noqa: S105  the local cloud's root asks for no secret
ACCOUNT = "000000000000"
"""The account of every local cloud, where its pipelines are too: AWS gives this number to nobody."""
ACCOUNTS = tuple(f"{number:012}" for number in range(10))
"""All accounts of a local cloud, the others for environments that are deployed to from the first."""
REGION = "eu-west-1"
"""Where a local cloud stands unless it is told another region at its start."""

PACKAGE_SETTING = re.compile(
    r"(?:UV|PIP|MAVEN)_\w+|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(?:HTTPS?|NO|ALL)_PROXY",
    re.IGNORECASE,
)
PACKAGE_SETTINGS = "package-settings.json"


class CloudError(Exception):
    """The local cloud cannot be started or stopped; the message says the next step."""


@dataclass(frozen=True, slots=True)
class Running:
    """A local cloud that answers."""

    endpoint: str
    port: int
    pid: int
    account: str
    region: str


def state_folder(root: Path) -> Path:
    """Where a clone keeps the state of its cloud."""
    return root / ".lake" / "cloud"


def environment_folder(root: Path) -> Path:
    """The Python environment that holds MiniStack."""
    return root / ".lake" / "envs" / "cloud"


def up(root: Path, *, cold: bool = False, workers: int = 1, state: Path | None = None, region: str = REGION) -> Running:
    """Start the cloud of this clone unless it runs, and return when it answers. `cold`: no warm engines.

    `workers` above 1 give each Spark engine a cluster of its own with so many. `state` keeps the state elsewhere than
    in the clone. Raises CloudError, as well where it runs in another region.
    """
    folder = state or state_folder(root)
    folder.mkdir(parents=True, exist_ok=True)
    ours: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = running(root, state=folder)
        if found:
            return _standing_in(region, found)
        # a holder that does not answer is another's start, or is dying: either way it decides soon
        if ours is None and not _held(folder):
            (folder / "host.json").unlink(missing_ok=True)
            ours = _start(root, folder, cold, workers, region)
        elif ours is not None and ours.poll() is not None and not _held(folder):
            raise CloudError(f"The local cloud ended at start:\n{_tail(folder / 'host.log')}")
        time.sleep(0.05)
    raise CloudError(f"The local cloud did not answer within {START_SECONDS:.0f} s: see {folder / 'host.log'}.")


def down(root: Path, *, state: Path | None = None) -> bool:
    """Stop the cloud and keep its state; whether one was running."""
    folder = state or state_folder(root)
    facts = _facts(folder)
    if not _held(folder):
        (folder / "host.json").unlink(missing_ok=True)
        return False
    if facts is None:
        facts = {"pid": int((folder / "pid").read_text())}
    pid = int(str(facts["pid"]))
    _signal(pid, signal.SIGTERM)
    if not _released(folder, STOP_SECONDS):
        _signal(pid, signal.SIGKILL)
        if not _released(folder, 5.0):
            raise CloudError(f"Process {pid} of the local cloud does not end: end it by hand and try again.")
    for child in _children:
        if child.pid == pid:
            child.wait(STOP_SECONDS)  # it gives the lock back a moment before it ends
    (folder / "host.json").unlink(missing_ok=True)
    return True


def running(root: Path, *, state: Path | None = None) -> Running | None:
    """The cloud of this clone, if it answers."""
    folder = state or state_folder(root)
    facts = _facts(folder)
    if facts is None:
        return None
    port, pid = int(str(facts["port"])), int(str(facts["pid"]))
    health = _health(port)
    if health is None or health.get("pid") != pid:
        return None
    return Running(f"http://{HOST}:{port}", port, pid, str(facts["account"]), str(facts["region"]))


def reset(root: Path, *, state: Path | None = None) -> None:
    """Stop the cloud and forget everything in it. The port is kept."""
    folder = state or state_folder(root)
    down(root, state=state)
    port = folder / "port"
    kept = port.read_text() if port.exists() else None
    shutil.rmtree(folder, ignore_errors=True)
    if kept:
        folder.mkdir(parents=True, exist_ok=True)
        port.write_text(kept)


def client_environment(found: Running) -> dict[str, str]:
    """The variables that make any AWS client an administrator of the local cloud."""
    return {
        "AWS_ENDPOINT_URL": found.endpoint,
        "AWS_REGION": found.region,
        "AWS_DEFAULT_REGION": found.region,
        "AWS_ACCESS_KEY_ID": found.account,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _standing_in(region: str, found: Running) -> Running:
    if found.region != region:
        raise CloudError(
            f"The local cloud runs in {found.region}, and {region} is asked for. "
            "Stop it and start it again: lake local down, then lake local up."
        )
    return found


def _start(root: Path, folder: Path, cold: bool, workers: int, region: str) -> subprocess.Popen[bytes]:
    python = environment_folder(root) / "bin" / "python"
    if not python.exists():
        raise CloudError(f"The cloud's environment is missing at {python.parent.parent}: run `make setup`.")
    port = _port(folder)
    source = Path(__file__).resolve().parent.parent
    command = [str(python), "-m", "lakelocal.inside"]
    command += ["--root", str(root), "--state", str(folder), "--port", str(port)]
    command += ["--account", ACCOUNT, "--region", region, "--workers", str(workers)]
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "JAVA_HOME", "LAKE_DECISIONS")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    _keep_package_settings(folder)
    with (folder / "host.log").open("ab") as log:
        process = subprocess.Popen(
            command + (["--cold"] if cold else []),
            cwd=folder,
            env=environment | {"PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (folder / "pid").write_text(str(process.pid))
    _children.append(process)
    return process


def _keep_package_settings(folder: Path) -> None:
    """Where packages come from and whom their clients trust, for the builds of the local CodeBuild alone.

    The host itself must not have them: what it runs for others would see them.
    """
    found = {name: value for name, value in os.environ.items() if PACKAGE_SETTING.fullmatch(name)}
    kept = folder / PACKAGE_SETTINGS
    kept.unlink(missing_ok=True)
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        json.dump(found, file)


_children: list[subprocess.Popen[bytes]] = []
"""Hosts that this process started: one that ended stays a zombie until it is asked."""


def _port(folder: Path) -> int:
    """The port of this clone: free at its first start, the same ever after, for URLs are in the state."""
    remembered = folder / "port"
    if not remembered.exists():
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            remembered.write_text(str(probe.getsockname()[1]))
    try:
        port = int(remembered.read_text())
    except ValueError as error:
        raise CloudError(f"{remembered} holds no number. Delete it to get another port, then: lake local up") from error
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CloudError(
                f"Port {port} of this clone's cloud is taken by another program. Stop that program, "
                f"or delete {remembered} to get another port (URLs kept in state will then be stale: "
                "`lake local reset` and deploy again)."
            ) from error
    return port


def _held(folder: Path) -> bool:
    """Whether a host process lives on this state folder: it holds the lock as long as it lives."""
    lock = folder / "lock"
    if not lock.exists():
        return False
    with lock.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _released(folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for child in _children:
            child.poll()
        if not _held(folder):
            return True
        time.sleep(0.05)
    return False


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _facts(folder: Path) -> dict[str, object] | None:
    try:
        facts: dict[str, object] = json.loads((folder / "host.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return facts


def _health(port: int) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_lake/health", timeout=5) as answer:
            health: dict[str, object] = json.loads(answer.read())
    except (OSError, urllib.error.URLError, json.JSONDecodeError):
        return None
    return health


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
